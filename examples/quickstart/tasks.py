"""The tasks: `train` trains a model of handwritten digits, `evaluate` measures the model that is served."""

import io
import json
from typing import Any

import flyte
import flyte_runtime as rt
from flyte.io import File

env = flyte.TaskEnvironment(name="digits", resources=flyte.Resources(cpu="1", memory="1Gi"))
model_api = rt.app("model_api")


def split() -> list[Any]:
    """Return scikit-learn's 1,797 scanned digits of 8 × 8 pixels: training rows, held-out rows, and the labels of both.

    The split is always the same, so that no model is measured with rows that it was trained with.
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    pixels = digits.data.astype(int)
    return train_test_split(pixels, digits.target, test_size=0.25, random_state=0, stratify=digits.target)


def fit(rows: Any, labels: Any, regularization: float) -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(C=1 / regularization, max_iter=1000)).fit(rows, labels)


@env.task
async def train(regularization: float = 1.0) -> tuple[File, File]:
    """Train a model. Return it with its predictions: `{"rows": …, "labels": …, "predictions": …}`."""
    import joblib

    rows, held_out, labels, truth = split()
    model = fit(rows, labels, regularization)
    predictions = model.predict(held_out)
    print(f"{len(rows)} rows trained, {(predictions == truth).mean():.1%} of {len(truth)} held-out rows recognised")
    report = {"rows": held_out.tolist(), "labels": truth.tolist(), "predictions": predictions.tolist()}
    dumped = io.BytesIO()
    joblib.dump(model, dumped)
    return await store("model.joblib", dumped.getvalue()), await store("held-out.json", json.dumps(report).encode())


async def store(name: str, content: bytes) -> File:
    file = File.new_remote(name)
    async with file.open("wb") as opened:
        await opened.write(content)
    return file


@env.task
async def evaluate() -> tuple[str, float, list[list[int]]]:
    """Measure the served model with the held-out rows. Return its training run, its accuracy and its confusion matrix.

    `matrix[a][b]` is the number of rows that show an `a` and were taken for a `b`.
    """
    from sklearn.metrics import accuracy_score, confusion_matrix

    _, held_out, _, truth = split()
    # A prediction changes nothing, so the call may be repeated while model-api is being replaced. The key allows that.
    reply = await model_api.post("/predictions", json={"rows": held_out.tolist()}, idempotency_key="held-out")
    reply.raise_for_status()
    answer = reply.json()
    print(f"model {answer['model']} answered {len(truth)} rows")
    matrix = confusion_matrix(truth, answer["digits"], labels=range(10))
    return answer["model"], float(accuracy_score(truth, answer["digits"])), matrix.tolist()
