"""The platform `kubernetes`: apps as objects of a cluster, tasks on a Flyte control plane."""
