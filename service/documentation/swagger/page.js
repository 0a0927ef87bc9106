// Shows /openapi.json with Swagger UI; asks for an API key first where the service wants one.
// The key stays in this tab's memory, and is sent with every request tried out from the page.
"use strict";

const form = document.querySelector("#key");

async function load(key) {
  const headers = key ? { Authorization: `Bearer ${key}` } : {};
  const answer = await fetch("openapi.json", { headers });
  if (answer.status === 401) {
    form.hidden = false;
    form.querySelector("[role=alert]").textContent = key ? "The service does not know this key." : "";
    return;
  }
  form.hidden = true;
  const documentation = SwaggerUIBundle({
    spec: await answer.json(),
    dom_id: "#documentation",
    deepLinking: true,
    displayRequestDuration: true,
    validatorUrl: null,
    onComplete: () => key && documentation.preauthorizeApiKey("api_key", key),
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  load(form.querySelector("input").value.trim());
});

load("");
