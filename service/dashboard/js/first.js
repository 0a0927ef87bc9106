// Before anything is drawn: the theme that was chosen, and whether another page embeds this one.
"use strict";

document.documentElement.dataset.theme = localStorage.getItem("trainyard.theme") ?? "auto";
if (new URLSearchParams(location.search).get("embed") === "1") {
  document.documentElement.dataset.embed = "";
}
