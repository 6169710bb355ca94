"""Values that the rooms of the review hand each other. They import no Pulumi and do no I/O."""
