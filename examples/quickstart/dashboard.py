"""The dashboard: the accuracy of the served model, its predictions, and the runs."""

import flyte_runtime as rt
import streamlit as st

gateway = rt.app("gateway").sync

st.set_page_config(page_title="Digits", layout="wide")
st.title("Handwritten digits")


def fetch(path: str) -> dict | None:
    """Return the gateway's answer, or None if there is no result yet."""
    # Streamlit shows the spinner only if the answer takes long, which means that the apps were asleep.
    with st.spinner("Waking the gateway and the model, which sleep while nobody uses them …", show_time=True):
        reply = gateway.get(path)
    if reply.status_code in (404, 503):
        return None
    return reply.raise_for_status().json()


@st.fragment(run_every=5)
def summary() -> None:
    result = fetch("/results")
    accuracy, model = st.columns(2)
    if result is None:
        st.info("No evaluation yet: `make up` starts one, or a webhook does.")
        return
    accuracy.metric("Accuracy on held-out rows", f"{result['accuracy']:.2%}")
    model.metric("Measured model", result["model"])
    st.subheader("Confusion matrix")
    st.caption("Each row is a digit as it was drawn. Numbers right of or left of the diagonal are mistakes.")
    st.vega_lite_chart(confusion_chart(result["matrix"]), width="stretch")


def confusion_chart(matrix: list[list[int]]) -> dict:
    """Return the chart: a number on each cell that is not empty, black on light cells and white on dark ones."""
    cells = [
        {"drawn": drawn, "read as": predicted, "rows": count}
        for drawn, row in enumerate(matrix)
        for predicted, count in enumerate(row)
    ]
    most = max(cell["rows"] for cell in cells)
    number = {"field": "rows", "type": "quantitative"}
    shade = {**number, "legend": None, "scale": {"type": "sqrt", "scheme": "blues"}}
    ink = {"condition": {"test": f"datum.rows > {most / 2}", "value": "white"}, "value": "black"}
    return {
        "description": "The confusion matrix: how many rows of each digit were read as which digit.",
        "data": {"values": cells},
        "encoding": {
            "x": {"field": "read as", "type": "ordinal", "axis": {"labelAngle": 0}},
            "y": {"field": "drawn", "type": "ordinal"},
        },
        "height": 380,
        "layer": [
            {"mark": {"type": "rect", "tooltip": True}, "encoding": {"color": shade}},
            {
                "transform": [{"filter": "datum.rows > 0"}],
                "mark": {"type": "text", "fontSize": 13},
                "encoding": {"text": number, "color": ink},
            },
        ],
    }


@st.fragment(run_every=5)
def predictions() -> None:
    st.subheader("Predictions")
    start = st.slider("Held-out rows from", 0, 438, 0, step=6)
    examples = fetch(f"/examples?start={start}&count=6")
    if examples is None:
        st.info("No model is served yet.")
        return
    reply = gateway.post("/predictions", json={"rows": examples["rows"]}).raise_for_status().json()
    for column, row, label, digit, odds in zip(
        st.columns(len(examples["rows"])),
        examples["rows"],
        examples["labels"],
        reply["digits"],
        reply["probabilities"],
        strict=True,
    ):
        picture = [[255 - int(pixel * 255 / 16) for pixel in row[line : line + 8]] for line in range(0, 64, 8)]
        column.image(enlarge(picture, 12), caption=f"{digit} ({max(odds):.0%})")
        column.markdown(":green[right]" if digit == label else f":red[it is a {label}]")


def enlarge(picture: list[list[int]], times: int):
    """Return the picture with each pixel as a larger square. A browser would blur a picture of 8 × 8 pixels."""
    import numpy

    return numpy.kron(numpy.array(picture, dtype="uint8"), numpy.ones((times, times), dtype="uint8"))


@st.fragment(run_every=5)
def runs() -> None:
    st.subheader("Runs")
    answer = fetch("/runs")
    st.dataframe(answer["runs"] if answer else [], width="stretch", hide_index=True)


left, right = st.columns(2)
with left:
    summary()
with right:
    predictions()
    runs()
