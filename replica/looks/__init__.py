"""What pages have besides their HTML: style sheets, a font, icons, and pictures in several forms.

``Look`` is what a world looks like now: ``Look.dress`` gives a bare page its look, ``Look.file`` is
what the page then needs.
"""

from replica.looks.look import File, Look

__all__ = ["File", "Look"]
