"""The stories of the site."""

from django.db import models
from django.urls import reverse


class Story(models.Model):
    """One story."""

    slug = models.SlugField(max_length=200)
    title = models.CharField(max_length=200)
    section = models.CharField(max_length=40)
    tags = models.JSONField()
    author = models.CharField(max_length=80)
    published = models.DateTimeField(db_index=True)
    modified = models.DateTimeField()
    paragraphs = models.JSONField()
    caption = models.CharField(max_length=400, blank=True)

    class Meta:
        """The newest first."""

        ordering = ("-published",)

    def get_absolute_url(self) -> str:
        """Return its path."""
        return reverse("story", args=[self.pk, self.slug])
