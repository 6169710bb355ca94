"""All that existing Flyte code declares: the code base, the plan, and the declaration."""
