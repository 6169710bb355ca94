"""A Streamlit script. It runs in a thread without an event loop, so it uses the synchronous client."""

import flyte_runtime as rt
import streamlit as st

stock = rt.app("stock").sync

st.set_page_config(page_title="Stock")
st.title("Stock")

name = st.selectbox("What came in", ["pens", "books", "lamps"])
if st.button("Add one"):
    stock.post(f"/items/{name}").raise_for_status()

items = stock.get("/items").raise_for_status().json()
for column, (item, count) in zip(st.columns(len(items)), items.items(), strict=True):
    column.metric(item, count)
st.bar_chart(items, horizontal=True)
