"""What Flyte's messages carry, checked and converted before anything believes it: identifiers, times, lists, URIs."""
