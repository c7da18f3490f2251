"""The site's addresses, lists, feeds and sitemaps."""

from django.contrib.sitemaps import GenericSitemap, views
from django.contrib.syndication.views import Feed
from django.urls import path
from django.utils.feedgenerator import Atom1Feed
from django.views.generic import DetailView, ListView, TemplateView

from tests.publishing.django_site.models import Story


class Page(ListView):
    """Ten stories of all sections or one."""

    model = Story
    paginate_by = 10
    template_name = "list.html"

    def get_queryset(self):
        """Return the stories of the section in the address."""
        section = self.kwargs.get("section")
        return Story.objects.filter(section__iexact=section) if section else Story.objects.all()

    def get_context_data(self, **kwargs):
        """Return what the box of new stories needs, too."""
        return super().get_context_data(**kwargs, recent=Story.objects.all()[:5])


class Reading(DetailView):
    """One story."""

    model = Story
    template_name = "story.html"

    def get_context_data(self, **kwargs):
        """Return what the box of new stories needs, too."""
        return super().get_context_data(**kwargs, recent=Story.objects.all()[:5])


class Newest(Feed):
    """The newest stories of all sections or one, as RSS."""

    title = "Warta Pulau"
    link = "/"
    description = "Berita dari pulau-pulau"
    description_template = "summary.html"

    def get_object(self, request, section=None):
        """Return the section."""
        return section

    def items(self, section):
        """Return the newest twenty."""
        found = Story.objects.filter(section__iexact=section) if section else Story.objects.all()
        return found[:20]

    def item_title(self, item):
        """Return the title, which the feed generator escapes."""
        return item.title

    def item_pubdate(self, item):
        """Return the time of publication."""
        return item.published

    def item_updateddate(self, item):
        """Return the time of the last change."""
        return item.modified

    def item_categories(self, item):
        """Return section and tags."""
        return [item.section, *item.tags]


class NewestAtom(Newest):
    """The same as Atom."""

    feed_type = Atom1Feed
    subtitle = Newest.description


_stories = GenericSitemap(
    {"queryset": Story.objects.all(), "date_field": "modified"}, protocol="https"
)
_stories.limit = 25
_sitemaps = {"sitemaps": {"berita": _stories}}

urlpatterns = [
    path("", Page.as_view()),
    path("rubrik/<slug:section>/", Page.as_view()),
    path("berita/<int:pk>/<slug:slug>/", Reading.as_view(), name="story"),
    path("tentang/", TemplateView.as_view(template_name="about.html")),
    path("umpan/", Newest()),
    path("umpan/atom/", NewestAtom()),
    path("umpan/<slug:section>/", Newest()),
    path("sitemap.xml", views.index, _sitemaps),
    path(
        "sitemap-<section>.xml",
        views.sitemap,
        _sitemaps,
        name="django.contrib.sitemaps.views.sitemap",
    ),
    path(
        "robots.txt",
        TemplateView.as_view(template_name="robots.txt", content_type="text/plain"),
    ),
]
