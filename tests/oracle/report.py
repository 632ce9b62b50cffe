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
        ".filter(id => !document.getElementById(id))"
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


def patients(page, faults):
    """The filter, and the link from the index to a folded patient."""
    rows = page.locator(".index tbody tr")
    if not rows.count():
        return
    last = rows.last.locator("a")
    wanted = last.text_content()
    page.locator("#filter").fill(wanted)
    seen = [row.text_content() for row in rows.all() if row.is_visible()]
    faults.check(seen and all(wanted in row for row in seen), f"filter “{wanted}” shows {seen}")
    page.locator("#filter").fill("")
    last.click()
    page.wait_for_timeout(200)
    anchor = last.get_attribute("href")[1:]
    faults.check(page.locator(f"[id='{anchor}']").is_visible(), f"the link to {wanted} opens nothing")


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
    patients(page, faults)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    overflow(page, faults, f"{name}, unfolded")
    found = figures(page, faults, name), pictures(page, faults, name)
    said = page.evaluate("document.body.innerText")
    none = re.search(r"\b(NaN|inf|Infinity)\b|(^|\t)(undefined|None)($|\t)", said, re.MULTILINE)
    faults.check(not none, f"{name}: a number that is none: {none and said[max(none.start() - 80, 0) : none.end()]!r}")
    links(page, faults)
    for at, patient in enumerate(page.locator(".patient").all()[:3]):
        patient.screenshot(path=folder / f"{name}-patient-{at}.png")
    page.close()
    return found


def headings(path, patients, faults):
    """On paper, a patient's name stands on the page of the first lesion, and before it."""
    raw = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout
    pages = [[re.sub(r"\s+", "", line) for line in page.splitlines()] for page in raw.split("\f")]
    parted = []
    for who, case in patients:
        who, case = (re.sub(r"\s+", "", text) for text in (who, case))
        at = [(page, line) for page, lines in enumerate(pages) for line, text in enumerate(lines) if text.startswith(who)]
        # The index of patients, which has a line of each, comes first.
        if at and case:
            page, line = at[-1]
            if not any(text.startswith(case) for text in pages[page][line + 1 :]):
                parted.append(who)
    faults.check(not parted, f"{len(parted)} of {len(patients)} headings are parted from their first lesion: {parted[:3]}")


def paper(browser, address, folder, faults):
    """The page as PDF: everything is unfolded there."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    listen(page, faults)
    page.goto(address)
    path = folder / "report.pdf"
    page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    bodies = [text.strip() for text in page.locator("details .inside .score").all_text_contents()]
    simulated = page.locator(".banner").count() > 0
    who = page.evaluate(
        "[...document.querySelectorAll('.patient')].map(one => [one.querySelector('.printed .who').textContent +"
        " one.querySelector('.printed .muted').textContent, one.querySelector('.case')?.textContent ?? ''])"
    )
    lesions = page.locator(".lesion").count()
    page.close()
    headings(path, who, faults)
    pages = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout.split("\f")[:-1]
    faults.check(pages and all(text.strip() for text in pages), "a page of the PDF is empty")
    if simulated:
        # Spaced letters come apart in the text of a PDF.
        bare = [at + 1 for at, text in enumerate(pages) if "SIMULATEDPATIENTS" not in re.sub(r"\s+", "", text)]
        faults.check(not bare, f"pages {bare} of the PDF do not say that patients are simulated")
    # Beside the index and the study itself, several lesions share a page.
    most = 40 + len(who) / 30 + lesions / 4
    faults.check(len(pages) <= most, f"{len(pages)} pages for {lesions} lesions of {len(who)} patients")
    squeezed = re.sub(r"\s+", "", "".join(pages))
    missing = [text for text in bodies if re.sub(r"\s+", "", text)[:12] not in squeezed]
    faults.check(not missing, f"{len(missing)} folded lines are not in the PDF, the first: {missing[:1]}")
    return len(pages)


def plain(browser, address, faults):
    """The page without scripts: links still open what they lead to, and nothing that needs a script is shown."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    faults.check(page.locator("h1").is_visible(), "nothing is seen without scripts")
    last = page.locator(".index tbody tr a").last
    if last.count():
        faults.check(not page.locator("#filter").is_visible(), "a filter that does nothing without scripts")
        last.click()
        page.wait_for_timeout(200)
        inside = page.locator(f"[id='{last.get_attribute('href')[1:]}']")
        faults.check(inside.is_visible(), "a patient that is linked to stays folded without scripts")
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
            print(f"{name} ({width} px): {found[0]} figures, {found[1]} pictures")
        print(f"PDF: {paper(browser, report.as_uri(), folder, faults)} pages")
        plain(browser, report.as_uri(), faults)
        browser.close()
    if faults:
        sys.exit(f"{len(faults)} faults")
    print("no fault")


if __name__ == "__main__":
    main()
