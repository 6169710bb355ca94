"""Values as people write them and as Flyte takes them: quantities, cron expressions, literals, versions. Pure."""
