"""What runs to completion: `train` makes a model of handwritten digits, `evaluate` measures the one that is served."""

import json
import tempfile
from pathlib import Path
from typing import Any

import flyte
import flyte_runtime as rt
from flyte.io import File

env = flyte.TaskEnvironment(name="digits", resources=flyte.Resources(cpu="1", memory="1Gi"))
model_api = rt.app("model_api")


def split() -> list[Any]:
    """scikit-learn's 1,797 scanned digits of 8 × 8 pixels: training rows, held-out rows, training labels, held-out labels.

    The split is fixed, so that no task ever measures a model with rows that it was trained with.
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
    """The model, and what it says about the held-out rows: `{"rows": …, "labels": …, "predictions": …}`."""
    import joblib

    rows, held_out, labels, truth = split()
    model = fit(rows, labels, regularization)
    predictions = model.predict(held_out)
    print(f"{len(rows)} rows trained, {(predictions == truth).mean():.1%} of {len(truth)} held-out rows recognised")
    with tempfile.TemporaryDirectory() as folder:
        kept, said = Path(folder, "model.joblib"), Path(folder, "held-out.json")
        joblib.dump(model, kept)
        report = {"rows": held_out.tolist(), "labels": truth.tolist(), "predictions": predictions.tolist()}
        said.write_text(json.dumps(report))
        return await File.from_local(str(kept)), await File.from_local(str(said))


@env.task
async def evaluate() -> tuple[str, float, list[list[int]]]:
    """Asks the served model about every held-out row: the training run it came from, its accuracy, its confusion matrix.

    `matrix[a][b]` counts the rows that show an `a` and were taken for a `b`.
    """
    from sklearn.metrics import accuracy_score, confusion_matrix

    _, held_out, _, truth = split()
    # Predicting changes nothing, so a key makes the call safe to repeat while model-api is being replaced.
    reply = await model_api.post("/predictions", json={"rows": held_out.tolist()}, idempotency_key="held-out")
    reply.raise_for_status()
    answer = reply.json()
    print(f"model {answer['model']} answered {len(truth)} rows")
    matrix = confusion_matrix(truth, answer["digits"], labels=range(10))
    return answer["model"], float(accuracy_score(truth, answer["digits"])), matrix.tolist()
