"""The look all plots share, on matplotlib's object API: no pyplot, no global state, safe in threads."""

from pathlib import Path

from headgate.errors import StorageError

INK, QUIET, LINE = "#1d2430", "#5b6675", "#dfe3e8"
BLUE, ORANGE, RED, GREEN = "#1f6fa8", "#d9781e", "#b8433f", "#2b8a5a"
PALETTE = (BLUE, ORANGE, GREEN, "#8457a8", RED, "#8a6d3b", "#c45b94", "#3aa6b0")
DOTS_PER_INCH = 144
WIDTH = 640 / 96
LONGEST = 30


def new_axes(title, x, y, *, height=WIDTH * 0.75, subtitle="", grid="both"):
    """Return (figure, axes) with title, labelled axes and a quiet grid; 640 CSS pixels wide, `height` in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DOTS_PER_INCH, facecolor="white", layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    entitle(axes, title, subtitle)
    dress(axes, x, y, grid=grid)
    return figure, axes


def entitle(axes, title, subtitle=""):
    """Set a bold title with a quiet line under it, flush left."""
    axes.set_title(title, loc="left", fontsize=13, fontweight="bold", color=INK, pad=26 if subtitle else 10)
    if subtitle:
        axes.annotate(plain(subtitle, longest=90), (0, 1), xytext=(0, 9), xycoords="axes fraction",
                      textcoords="offset points", fontsize=10, color=QUIET)


def dress(axes, x, y, *, grid="both"):
    """Label axes and take away what distracts."""
    axes.set_xlabel(x, fontsize=11, color=INK, labelpad=6)
    axes.set_ylabel(y, fontsize=11, color=INK, labelpad=6)
    axes.tick_params(labelsize=10, colors=INK, length=3, color=LINE)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color("#aab3be")
    axes.set_axisbelow(True)
    if grid:
        axes.grid(True, axis=grid, color=LINE, linewidth=0.8)


def unit_square(axes):
    """Show 0 to 1 on both axes with a little air, so that curves along an edge stay visible."""
    for low_high in (axes.set_xlim, axes.set_ylim):
        low_high(-0.015, 1.015)
    for ticks in (axes.set_xticks, axes.set_yticks):
        ticks([0, 0.2, 0.4, 0.6, 0.8, 1.0])


def legend(axes, **place):
    """Draw the legend on a white plate."""
    box = axes.legend(fontsize=10, frameon=True, framealpha=0.92, edgecolor="none", labelcolor=INK, **place)
    box.set_zorder(5)


def legend_below(figure):
    """Draw the legend under the axes, where it hides nothing."""
    figure.legend(loc="outside lower center", fontsize=10, frameon=False, labelcolor=INK, ncols=3)


def say_nothing_to_show(axes, sentence):
    """Put a sentence where the curve would be."""
    axes.text(0.5, 0.5, sentence, transform=axes.transAxes, ha="center", va="center", fontsize=11.5,
              color=QUIET, bbox={"facecolor": "white", "edgecolor": "none"})


def plain(text, *, longest=LONGEST):
    """Make any name safe to draw: one line, bounded, no mathematics, no letter the font lacks."""
    known = _letters()
    text = " ".join(str(text).split())
    text = text if len(text) <= longest else text[:longest - 1] + "…"
    text = "".join(letter if ord(letter) in known else "□" for letter in text).replace("\\$", "$")
    return (" " if text.startswith("_") else "") + text.replace("$", "\\$")


def make_folder(folder):
    """Make the folder of the plots; raises StorageError if that cannot be."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {folder} could not be made: {error.strerror or error}.",
                           remedy="Make room or name a folder that can be written.") from error


def save(figure, path):
    """Write the PNG without a date or a version in it, so that equal plots are equal bytes; returns the path.

    Raises StorageError if the disk is full or not writable.
    """
    try:
        figure.savefig(path, metadata={"Software": None})
    except OSError as error:
        raise StorageError(f"The plot {path} could not be written: {error.strerror or error}.",
                           remedy="Make room or name a folder that can be written.") from error
    return Path(path)


def _letters():
    from matplotlib.font_manager import findfont, get_font

    return get_font(findfont("DejaVu Sans")).get_charmap()
