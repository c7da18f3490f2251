"""Write stories, JSON from standard input, to the site's database; add what it has not."""

import json
import sys

import django
from django.core.management import call_command


def main() -> None:
    """Make the tables where there are none, and have the database hold these stories only."""
    django.setup()
    from django.contrib.sites.models import Site

    from tests.publishing.django_site.models import Story

    call_command("migrate", run_syncdb=True, verbosity=0)
    Site.objects.update_or_create(pk=1, defaults={"domain": "wartapulau.test", "name": "Warta"})
    stories = json.load(sys.stdin)
    Story.objects.exclude(pk__in=[one["id"] for one in stories]).delete()
    Story.objects.bulk_create([Story(**one) for one in stories], ignore_conflicts=True)


if __name__ == "__main__":
    main()
