(function () {
  "use strict";
  // The page works without this: it opens a patient that is linked to, filters, and unfolds for print.
  function reveal() {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    var fold = target && target.closest("details");
    if (fold) { fold.open = true; target.scrollIntoView(); }
  }
  addEventListener("hashchange", reveal);
  reveal();

  var field = document.getElementById("filter");
  if (field) {
    var items = Array.prototype.slice.call(document.querySelectorAll("[data-filter]"));
    var rows = items.filter(function (item) { return item.tagName === "TR"; });
    var said = document.getElementById("filtered");
    field.closest("p").hidden = false;
    field.addEventListener("input", function () {
      var wanted = field.value.trim().toLowerCase();
      items.forEach(function (item) {
        item.hidden = item.getAttribute("data-filter").toLowerCase().indexOf(wanted) < 0;
      });
      var shown = rows.filter(function (row) { return !row.hidden; }).length;
      said.textContent = wanted ? shown + " of " + rows.length : "";
    });
  }

  var folded = [];
  addEventListener("beforeprint", function () {
    folded = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    folded.forEach(function (fold) { fold.open = true; });
  });
  addEventListener("afterprint", function () {
    folded.forEach(function (fold) { fold.open = false; });
  });
})();
