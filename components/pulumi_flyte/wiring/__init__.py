"""What a workload refers to: references, their order and credentials, and what its container is given of them."""
