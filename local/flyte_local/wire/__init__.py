"""The content of Flyte's messages, checked and converted: identifiers, times, lists, URIs."""
