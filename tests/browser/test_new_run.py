"""A new run: put together from a lesson, from data of one's own, by mouse and by keyboard."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import serious
from tests.browser.conftest import Theme, Visits
from tests.plugins.servers import Served


def planned(page: Page) -> None:
    """Wait for the plan of what is in the form."""
    expect(page.get_by_role("button", name="Train")).to_be_enabled()


def test_a_lesson_becomes_a_run(visit: Visits, training: Served) -> None:
    page = visit("#/new?preset=perceptron")
    expect(page.get_by_role("heading", name="A perceptron fails on XOR")).to_be_visible()
    planned(page)
    expect(page.locator("dd").first).to_have_text("3")
    page.get_by_role("button", name="Add a hidden layer of 4").click()
    expect(page.locator("dd").first).to_have_text("17")
    with page.expect_response("**/v1/jobs") as answer:
        page.get_by_role("button", name="Train").click()
    job = training.client.get(answer.value.headers["location"]).json()
    assert job["name"] == "perceptron on XOR: Add a hidden layer of 4"
    assert job["spec"]["network"]["layers"][0]["units"] == 4
    expect(page).to_have_url(f"{training.url}/#/runs/{job['id']}")
    page.goto(f"{training.url}/#/runs")
    line = page.get_by_role("row").filter(has_text="perceptron on XOR").first
    expect(line.get_by_text("succeeded")).to_be_visible()


def test_every_lesson_and_what_it_tries_can_be_trained(visit: Visits) -> None:
    page = visit("#/new")
    for lesson in page.locator("a.lesson").all():
        lesson.click()
        expect(page.get_by_role("region", name="About this lesson")).to_be_visible()
        planned(page)
        for each in page.get_by_role("group", name="Then try").get_by_role("button").all():
            with page.expect_response("**/v1/jobs?validate_only=true") as answer:
                each.click()
            assert answer.value.status == 200, each.inner_text()


def test_states_are_kept_and_layers_measured_if_the_form_says_so(
    visit: Visits, training: Served
) -> None:
    page = visit("#/new")
    planned(page)
    page.locator("[data-pointer='/checkpoints/every']").get_by_label("Every").fill("20")
    page.get_by_role("heading", name="Diagnostics").click()
    page.get_by_label("Measure weights").check()
    page.locator("[data-pointer='/diagnostics/bins']").get_by_label("Bins").fill("10")
    expect(page.get_by_text("every 20 epochs")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Measure weights")).to_be_checked()
    planned(page)
    with page.expect_response("**/v1/jobs") as answer:
        page.get_by_role("button", name="Train").click()
    spec = training.client.get(answer.value.headers["location"]).json()["spec"]
    assert spec["checkpoints"] == {"every": 20, "keep": 20}
    assert spec["diagnostics"] == {"every": 1, "bins": 10, "rows": 256}


def test_errors_are_at_their_fields(visit: Visits) -> None:
    page = visit("#/new")
    planned(page)
    rate = page.get_by_label("Learning rate", exact=True)
    rate.fill("-1")
    expect(rate).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Must be greater than 0")).to_be_visible()
    expect(page.get_by_role("button", name="Train")).to_be_disabled()
    rate.fill("0.02")
    planned(page)
    expect(rate).not_to_have_attribute("aria-invalid", "true")


def test_the_address_holds_the_whole_form(visit: Visits) -> None:
    page = visit("#/new")
    page.get_by_role("radio", name="spirals").check()
    page.get_by_label("Turns").fill("0.75")
    page.get_by_role("button", name="dropout", exact=True).click()
    page.get_by_label("Rate", exact=True).fill("0.25")
    page.get_by_label("Method").select_option("sgd")
    page.get_by_label("Epochs", exact=True).fill("33")
    page.get_by_text("Regularization").click()
    page.get_by_role("group", name="Add to Regularization").get_by_role("button", name="l1").click()
    planned(page)
    again = visit("#" + page.url.partition("#")[2])
    planned(again)
    expect(again.get_by_role("radio", name="spirals")).to_be_checked()
    expect(again.get_by_label("Turns")).to_have_value("0.75")
    expect(again.locator("button.layer")).to_have_text(["16tanh", "dropout25 %"])
    method = again.get_by_role("region", name="Optimizer").get_by_label("Method")
    expect(method).to_have_value("sgd")
    expect(again.get_by_label("Epochs", exact=True)).to_have_value("33")
    expect(again.get_by_label("Regularization 1", exact=True)).to_have_value("l1")


def test_layers_are_moved_and_removed_by_keyboard(visit: Visits) -> None:
    page = visit("#/new")
    page.get_by_role("button", name="batch norm", exact=True).press("Enter")
    layers = page.locator("button.layer")
    expect(layers).to_have_text(["16tanh", "batch norm"])
    layers.nth(1).focus()
    page.keyboard.press("Alt+ArrowLeft")
    expect(layers).to_have_text(["batch norm", "16tanh"])
    expect(layers.nth(0)).to_be_focused()
    page.keyboard.press("Delete")
    expect(layers).to_have_text(["16tanh"])
    expect(layers.nth(0)).to_be_focused()


def test_a_file_is_read_at_once_and_its_target_chosen(visit: Visits) -> None:
    rows = "".join(f"{i % 7},{i % 3},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    page = visit("#/new")
    page.get_by_label("Drop a file here").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"a,b,passed\n" + rows.encode()}
    )
    preview = page.get_by_role("region", name="First rows")
    expect(preview.get_by_role("columnheader", name="passed")).to_be_visible()
    expect(page.get_by_label("Column to predict")).to_have_value("passed")
    expect(page.get_by_text("binary, 2 features")).to_be_visible()
    page.get_by_label("Column to predict").select_option("a")
    expect(page.get_by_text("multiclass")).to_be_visible()
    page.get_by_label("Drop a file here").set_input_files(
        {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"a,a\n1,2\n"}
    )
    expect(page.get_by_role("alert")).to_be_visible()


def test_the_programs_make_the_same_run(visit: Visits, training: Served) -> None:
    page = visit("#/new?preset=perceptron")
    planned(page)
    page.get_by_text("As a program").click()
    code = page.get_by_label("Program")
    page.get_by_role("tab", name="curl").click()
    subprocess.run(["sh", "-c", code.inner_text()], check=True, capture_output=True)
    page.get_by_role("tab", name="Python").click()
    subprocess.run([sys.executable, "-c", code.inner_text()], check=True, capture_output=True)
    first, second = training.client.get("/v1/jobs?limit=2").json()["data"]
    assert first["name"] == second["name"] == "perceptron on XOR"
    assert first["spec"] == second["spec"]


def test_every_equation_of_the_catalogue_is_set(visit: Visits) -> None:
    page = visit("#/new")
    planned(page)
    wrong = page.evaluate(
        """async () => {
          const { catalog } = await import("/assets/js/lib/catalog.js");
          const { default: katex } = await import("/assets/vendor/katex/katex.mjs");
          const wrong = [];
          for (const entries of Object.values((await catalog()).families)) {
            for (const { kind, equation } of entries) {
              const place = document.createElement("div");
              document.body.append(place);
              try {
                katex.render(equation, place, { displayMode: true });
              } catch (error) {
                wrong.push(`${kind}: ${error.message}`);
              }
            }
          }
          return wrong;
        }"""
    )
    assert wrong == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 1440), ("light", 375)])
def test_the_form_is_for_everybody(
    visit: Visits, screenshot: Callable[[Page, str], None], theme: Theme, width: int
) -> None:
    page = visit("#/new?preset=dropout", width=width, theme=theme)
    planned(page)
    page.locator("button.layer").first.click()
    for folded in page.locator(".folded summary").all()[:2]:
        folded.click()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    screenshot(page, f"new-{theme}-{width}")
