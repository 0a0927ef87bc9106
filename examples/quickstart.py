"""Train on a CSV, watch it live, predict: the Python client in one page.

trainyard serve                  # in another terminal
python examples/quickstart.py
"""

from pathlib import Path

from trainyard import Client, EpochEvent

PENGUINS = Path(__file__).parent.parent / "trainyard" / "demo_data" / "penguins.csv"


def main() -> None:
    """Everything once."""
    with Client() as client:  # TRAINYARD_URL, else http://127.0.0.1:8000
        data = client.datasets.create(file=PENGUINS, target="species")
        spec = {
            "dataset": data.id,
            "network": {"layers": [{"kind": "dense", "units": 32, "activation": "tanh"}]},
            "optimizer": {"kind": "adam", "learning_rate": 0.003},
            "training": {"epochs": 60, "batch_size": 16, "seed": 7},
        }
        plan = client.jobs.plan(spec)
        print(f"{plan.parameters} parameters on {plan.train_rows} rows")

        job = client.jobs.create(spec)
        for event in job.events():
            if isinstance(event, EpochEvent) and event.epoch.epoch % 10 == 0:
                print(event.epoch.epoch, event.epoch.train, event.epoch.validation)

        model = job.wait().model()
        print("accuracy:", model.evaluate().scores["accuracy"])

        bird = {"island": "Biscoe", "flipper_length_mm": 220, "body_mass_g": 5550, "sex": None}
        whole = dict.fromkeys(column.name for column in model.inputs)
        answer = model.predict([whole | bird])
        print(answer.predictions[0], answer.probabilities)


if __name__ == "__main__":
    main()
