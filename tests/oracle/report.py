"""A report in a real browser: what a reader at a desk, on a telephone and on paper gets to see.

    python -m venv venv && venv/bin/pip install playwright   # and Chromium: apt-get install chromium poppler-utils
    venv/bin/python tests/oracle/report.py REPORT.html SCREENSHOTS

Needs Chromium (its path in CHROMIUM, unless it is found) and pdftotext. Every fault is printed; any makes it fail.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

WIDTHS = {"desk": 1280, "telephone": 400}
# Screenshots are cut into pieces of this height: a page is too long for one picture.
PIECE = 1800

# Texts and lines of figures outside of their canvas, in units of the canvas. A halo's width is no fault.
OUTSIDE = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
  const box = svg.viewBox.baseVal;
  return [...svg.querySelectorAll('text')].map(text => {
    const scale = svg.getBoundingClientRect().width / box.width;
    const frame = svg.getBoundingClientRect(), at = text.getBoundingClientRect();
    const over = Math.max(frame.left - at.left, at.right - frame.right, frame.top - at.top, at.bottom - frame.bottom);
    return [over / scale, svg.id, text.textContent];
  }).filter(([over]) => over > 1.5);
})"""

# Texts of a figure that cover each other.
COVERED = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
  const texts = [...svg.querySelectorAll('text')].map(text => [text.getBoundingClientRect(), text.textContent]);
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const found = [];
  texts.forEach(([a, said], at) => texts.slice(at + 1).forEach(([b, other]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 * scale && high > 4 * scale) found.push([svg.id, said, other]);
  }));
  return found;
})"""


class Faults(list):
    """What is wrong, said as it is found."""

    def check(self, good, said):
        if not good:
            print("FAULT:", said)
            self.append(said)


def listen(page, faults):
    """Anything that a quiet page never does."""
    page.on("console", lambda message: faults.check(message.type not in ("error", "warning"), f"console: {message.text}"))
    page.on("pageerror", lambda error: faults.check(False, f"script: {error}"))
    page.on("dialog", lambda dialog: (faults.check(False, f"dialog: {dialog.message}"), dialog.dismiss()))
    allowed = ("file:", "data:")
    page.on("request", lambda request: faults.check(request.url.startswith(allowed), f"network: {request.url}"))
    page.on("requestfailed", lambda request: faults.check(False, f"not loaded: {request.url[:80]}"))


def overflow(page, faults, said):
    """The page itself must not scroll sideways."""
    wide = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    faults.check(wide[0] <= wide[1], f"{said}: the page is {wide[0]} px wide in a window of {wide[1]} px")


def figures(page, faults, said):
    """Every figure is there, has a size, a name, and all its text within."""
    sizes = page.evaluate(
        "[...document.querySelectorAll('figure svg')].map(svg => { const at = svg.getBoundingClientRect();"
        " return [svg.id, at.width, at.height, svg.querySelector('title')?.textContent ?? ''] })"
    )
    for name, width, height, title in sizes:
        faults.check(width > 100 and height > 60, f"{said}: {name} is {width} × {height} px")
        faults.check(title, f"{said}: {name} has no title")
    captions = page.locator("figure figcaption").count()
    faults.check(captions == len(sizes), f"{said}: {len(sizes)} drawings and {captions} captions")
    for over, name, text in page.evaluate(OUTSIDE):
        faults.check(False, f"{said}: “{text}” leaves {name} by {over:.1f}")
    for name, text, other in page.evaluate(COVERED):
        faults.check(False, f"{said}: in {name} “{text}” and “{other}” cover each other")
    return len(sizes)


def pictures(page, faults, said):
    """Every picture loads once it is seen."""
    for picture in page.locator("img").all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("async image => { await image.decode() }")
        faults.check(picture.evaluate("image => image.naturalWidth > 0 && image.width > 50"), f"{said}: a picture is empty")
        faults.check(picture.get_attribute("alt"), f"{said}: a picture says nothing to those who do not see it")
    return page.locator("img").count()


def links(page, faults):
    """Every link within the page leads somewhere; no anchor is there twice."""
    lost = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id) && !/^patient-\\d+$/.test(id))"
    )
    faults.check(not lost, f"links to nowhere: {lost}")
    twice = page.evaluate(
        "(ids => ids.filter((id, at) => ids.indexOf(id) !== at))([...document.querySelectorAll('[id]')].map(e => e.id))"
    )
    faults.check(not twice, f"anchors that are there twice: {twice}")


def shoot(page, folder, name):
    """The whole page in pieces."""
    height = page.evaluate("document.documentElement.scrollHeight")
    width = page.viewport_size["width"]
    for at, top in enumerate(range(0, height, PIECE)):
        clip = {"x": 0, "y": top, "width": width, "height": min(PIECE, height - top)}
        page.screenshot(path=folder / f"{name}-{at:02}.png", full_page=True, clip=clip)


def names(page):
    """The patients that the list shows, in order."""
    return page.locator(".index tbody th").all_text_contents()


def number(text):
    """What a cell of numbers is sorted by; none where it has none."""
    found = re.sub(r"[^0-9.e-]", "", text.replace("−", "-"))
    return float(found) if found else None


def ordered(values, falling):
    """Whether numbers are in order, with those that are none at the end."""
    known = [value for value in values if value is not None]
    return values[: len(known)] == known and known == sorted(known, reverse=falling)


def patients(page, faults, said):
    """The list: as it comes, filtered, sorted, by keys; and patients, opened and closed. Returns how many there are."""
    if not page.locator("#list-of-patients").count():
        return 0
    page.locator("#list-of-patients tbody tr").first.wait_for()
    count = int(page.locator("#filtered").text_content().split()[0])
    some = names(page)
    faults.check(len(some) == min(count, 50), f"{said}: {len(some)} of {count} patients are shown")
    wanted = some[len(some) // 2]
    started = time.perf_counter()
    page.locator("#filter").fill(wanted)
    seen = names(page)
    took = time.perf_counter() - started
    faults.check(seen and all(wanted.lower() in name.lower() for name in seen), f"{said}: filter “{wanted}” shows {seen}")
    faults.check(took < 1, f"{said}: filtering {count} patients takes {took:.1f} s")
    page.locator("#filter").fill("nobody has this name")
    faults.check(names(page) == [], f"{said}: a filter that nobody passes shows somebody")
    page.locator("#filter").fill("")
    for head in page.locator(".index thead button").all():
        for falling in (False, True):
            started = time.perf_counter()
            head.click()
            took = time.perf_counter() - started
            state = head.evaluate("button => button.closest('th').getAttribute('aria-sort')")
            faults.check(state == ("descending" if falling else "ascending"), f"{said}: aria-sort is {state}")
            faults.check(took < 2, f"{said}: sorting {count} patients takes {took:.1f} s")
            if "number" in head.evaluate("button => button.closest('th').className"):
                at = head.evaluate("button => button.closest('th').cellIndex")
                cells = page.locator(f".index tbody tr > :nth-child({at + 1})").all_text_contents()
                title = head.text_content()
                faults.check(ordered([number(cell) for cell in cells], falling), f"{said}: {title} is not in order: {cells}")
    keys(page, faults, said, count)
    return count


def keys(page, faults, said, count):
    """Everything by keyboard: down into the list, open, on to the next, close."""
    page.locator("#filter").focus()
    page.keyboard.press("ArrowDown")
    first = page.evaluate("document.activeElement.textContent")
    faults.check(first == names(page)[0], f"{said}: the key down leads to {first!r}")
    if count > 50:
        page.keyboard.press("PageDown")
        faults.check(page.locator("#place").text_content().startswith("51–"), f"{said}: Page Down turns no page")
        page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    opened(page, faults, said, first)
    if count > 1:
        second = names(page)[1]
        page.get_by_role("button", name="Next patient").click()
        opened(page, faults, said, second)
    page.keyboard.press("Escape")
    faults.check(page.locator(".patient").count() == 0, f"{said}: Escape closes nothing")


def opened(page, faults, said, who):
    """A patient is there, by name, with its pictures, and nothing of it is out of the window."""
    page.locator(".patient h3 .who", has_text=who).first.wait_for()
    overflow(page, faults, f"{said}, {who}")
    pictures(page, faults, f"{said}, {who}")
    bare = page.evaluate(
        "[...document.querySelectorAll('.patient .bar rect')].filter(bar => getComputedStyle(bar).fill === 'rgb(0, 0, 0)').length"
    )
    faults.check(not bare, f"{said}: {bare} bars of {who} have no colour")


def screen(browser, address, folder, faults, name, width):
    """The page in a window, as it comes and with everything unfolded."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(120_000)
    listen(page, faults)
    page.goto(address)
    overflow(page, faults, name)
    hidden = page.evaluate(
        "[...document.querySelectorAll('.stacked td')].filter(cell => cell.getBoundingClientRect().right > innerWidth).length"
    )
    faults.check(not hidden, f"{name}: {hidden} cells of the results at a glance are off the screen")
    shoot(page, folder, name)
    count = patients(page, faults, name)
    for at in range(min(count, 3)):
        page.goto(f"{address}#patient-{at + 1}")
        page.locator(f"#patient-{at + 1} h3").wait_for()
        page.locator(".patient").screenshot(path=folder / f"{name}-patient-{at}.png")
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    overflow(page, faults, f"{name}, unfolded")
    found = figures(page, faults, name), count
    said = page.evaluate("document.body.innerText")
    none = re.search(r"\b(NaN|inf|Infinity)\b|(^|\t)(undefined|None)($|\t)", said, re.MULTILINE)
    faults.check(not none, f"{name}: a number that is none: {none and said[max(none.start() - 80, 0) : none.end()]!r}")
    links(page, faults)
    page.close()
    return found


def paper(browser, address, folder, faults):
    """The page as PDF: everything is unfolded there, and a patient that is open is part of it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    listen(page, faults)
    page.goto(f"{address}#patient-1" if page_has_patients(browser, address) else address)
    who = ""
    if "#" in page.url:
        page.locator(".patient h3 .who").wait_for()
        who = page.locator(".patient h3 .who").text_content()
    path = folder / "report.pdf"
    page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    simulated = page.locator(".banner").count() > 0
    folded = [text.strip() for text in page.locator("details.fold caption, details.fold .caption").all_text_contents()]
    page.evaluate("document.body.classList.add('alone')")
    alone = folder / "patient.pdf"
    if who:
        page.pdf(path=alone, prefer_css_page_size=True, print_background=True)
    page.close()
    pages = text_of(path)
    faults.check(pages and all(text.strip() for text in pages), "a page of the PDF is empty")
    if simulated:
        # Spaced letters come apart in the text of a PDF.
        bare = [at + 1 for at, text in enumerate(pages) if "SIMULATEDPATIENTS" not in re.sub(r"\s+", "", text)]
        faults.check(not bare, f"pages {bare} of the PDF do not say that patients are simulated")
    faults.check(len(pages) <= 60, f"{len(pages)} pages of a study with one patient")
    squeezed = re.sub(r"\s+", "", "".join(pages))
    missing = [text for text in folded if re.sub(r"\s+", "", text)[:12] not in squeezed]
    faults.check(not missing, f"{len(missing)} folded tables are not in the PDF, the first: {missing[:1]}")
    if who:
        faults.check(re.sub(r"\s+", "", who) in squeezed, f"{who}, who is open, is not in the PDF")
        printed = text_of(alone)
        faults.check(len(printed) <= 6 and who in printed[0], f"{who} alone takes {len(printed)} pages, or is not on the first")
    return len(pages)


def text_of(path):
    """The pages of a PDF as text."""
    return subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout.split("\f")[:-1]


def page_has_patients(browser, address):
    page = browser.new_page()
    page.goto(address)
    found = page.locator("#list-of-patients").count() > 0
    page.close()
    return found


def moved(browser, report, faults):
    """Without its parts the page says what is missing; with them elsewhere, spaces and all, it works."""
    if not (report.parent / "patients").is_dir():
        return
    with tempfile.TemporaryDirectory() as place:
        alone = pathlib.Path(place) / "report.html"
        shutil.copy(report, alone)
        page = browser.new_page()
        page.goto(alone.as_uri())
        page.locator("#list-lost:not([hidden])").wait_for()
        faults.check("patients/list.js" in page.locator("#list-lost").text_content(), "it is not said which file is missing")
        page.close()
        far = pathlib.Path(place) / "a folder, é #1"
        shutil.copytree(report.parent / "patients", far / "patients")
        shutil.copy(report, far / "report.html")
        page = browser.new_page()
        listen(page, faults)
        page.goto((far / "report.html").as_uri() + "#patient-1")
        page.locator(".patient h3").wait_for()
        page.close()


def plain(browser, address, faults):
    """The page without scripts: the study is there, and nothing that needs a script is shown."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    faults.check(page.locator("h1").is_visible(), "nothing is seen without scripts")
    if page.locator("#without-scripts").count():
        faults.check(not page.locator("#list-of-patients").is_visible(), "a list that does nothing without scripts")
        faults.check(page.locator("#without-scripts").is_visible(), "without scripts it is not said what is missing")
    context.close()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    report, folder = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    faults = Faults()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, width in WIDTHS.items():
            found = screen(browser, report.as_uri(), folder, faults, name, width)
            print(f"{name} ({width} px): {found[0]} figures, {found[1]} patients")
        print(f"PDF: {paper(browser, report.as_uri(), folder, faults)} pages")
        plain(browser, report.as_uri(), faults)
        moved(browser, report, faults)
        browser.close()
    if faults:
        sys.exit(f"{len(faults)} faults")
    print("no fault")


if __name__ == "__main__":
    main()
