// What the pages do when a script may run. Every form works without it: the server is told the same things either way.
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const on = (event, act, where = document) => where.addEventListener(event, act);
  const trouble = $("#trouble");
  const say = (text) => { if (text) $("#announcement").textContent = text; };
  // What one request met stands until the same succeeds: a live check does not take away that nothing could be saved.
  let met = null;
  const complain = (kind, elt = null) => { trouble.textContent = trouble.dataset[kind]; met = elt; };
  const calm = (elt) => { if (!met || met === elt || !met.isConnected) trouble.textContent = ""; };

  // ---- Days away ----------------------------------------------------------------------------------------------------
  // The numbers follow from what is ticked in [data-counts="whole:field half:field"], before anybody else hears of the change.
  document.addEventListener("change", ({ target }) => {
    const box = target.closest("[data-counts]");
    for (const [part, name] of (box?.dataset.counts.split(" ") || []).map((pair) => pair.split(":"))) {
      document.getElementById(name).value = all(`input[value="${part}"]:checked`, box).length || "";
    }
  }, true);

  // ---- The live check --------------------------------------------------------------------------------------------
  // An answer's root carries data-live. In it: [data-field][data-severity] with a [data-message] are findings, put beside
  // their field; [data-put="id"] has its text copied to that element; data-announce is read out;
  // data-unasked names the [data-question] boxes that do not bear on what has been answered, data-awaiting those that may come
  // to; both are hidden. Fields themselves,
  // focus and what is being typed are never touched. Only fields the person has been in are marked: a form just opened
  // is not a list of faults.
  const idOf = (field) => field.replace(/[.[\]]+/g, "-").replace(/-$/, "");
  const control = (id) => document.getElementById(id)?.closest(".field")?.querySelector("[role=radiogroup], input, select:not([hidden]), textarea");
  const visited = new Set();

  function mark(line, severity, text) {
    const id = line.id.slice(0, -6);
    const box = document.getElementById(id)?.closest("[role=radiogroup]") || control(id);
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("message--warns", severity === "warns");
    if (severity === "blocks") box?.setAttribute("aria-invalid", "true");
    else box?.removeAttribute("aria-invalid");
  }

  function follow(answer) {
    const said = new Map();
    for (const item of all("[data-field][data-severity]", answer)) {
      const { field, severity } = item.dataset;
      const id = idOf(field);
      if (severity === "notes" || said.get(id)?.severity === "blocks") continue;
      said.set(id, { severity, text: $("[data-message]", item).textContent.trim() });
    }
    for (const line of all(".message[id$='-error']:not([data-kept] > *)")) {
      const id = line.id.slice(0, -6);
      const finding = visited.has(id) || line.textContent ? said.get(id) : undefined;
      mark(line, finding?.severity, finding?.text || "");
    }
    showAsked(answer);
    for (const from of all("[data-put]", answer)) {
      const to = document.getElementById(from.dataset.put);
      if (to && to.textContent !== from.textContent) to.textContent = from.textContent;
    }
    if (answer.dataset.announce !== announced) say((announced = answer.dataset.announce));
  }
  function showAsked(answer) {
    const not = `${answer.dataset.unasked || ""} ${answer.dataset.awaiting || ""}`.split(" ");
    for (const box of all("[data-question]")) box.hidden = not.includes(box.dataset.question);
  }
  let announced = $("[data-live]")?.dataset.announce;

  on("change", ({ target }) => { if (target.matches("input, select, textarea")) { visited.add(target.name).add(target.name.replace(/-\d+-\w+$/, "")).add(target.closest("[data-question]")?.dataset.question); } });

  // A swap waits until the finger is lifted, so that a button does not move away from under it.
  let held = [], pressed = false;
  on("pointerdown", () => { pressed = true; });
  for (const end of ["pointerup", "pointercancel"]) {
    on(end, () => { pressed = false; const swaps = held; held = []; setTimeout(() => swaps.forEach((swap) => swap()), 60); });
  }
  on("htmx:beforeSwap", (event) => {
    const { target, serverResponse, shouldSwap } = event.detail;
    if (!pressed || !shouldSwap || !target?.matches("[data-live]")) return;
    event.detail.shouldSwap = false;
    held = [() => { const now = document.getElementById(target.id); if (now) htmx.swap(now, serverResponse, { swapStyle: "outerHTML" }); }];
  });

  let before = null;
  on("htmx:beforeRequest", (event) => {
    if (event.detail.elt.closest("form")?.dataset.sent) event.preventDefault();
    asked.set(event.detail.elt, {});
    before = document.activeElement;
  });
  function settled(root) {
    const live = root?.matches?.("[data-live]") ? root : root && $("[data-live]", root);
    if (live) follow(live);
    enhance(root || document);
    $("[data-error-summary]", root || document)?.focus();
    if (document.activeElement === document.body && before && before !== document.body) $("#main").focus({ preventScroll: true });
  }
  on("htmx:afterSettle", ({ target }) => { received(target); settled(target); });

  // ---- When it does not answer -------------------------------------------------------------------------------------
  const unsaved = () => all("[data-saved]").forEach((line) => {
    line.dataset.before ??= line.textContent;
    line.textContent = `${trouble.dataset.unsaved}. ${line.dataset.before}.`;
  });
  // What only asks does so again by itself, unless it has been asked anew; and not everybody's at the same moment.
  const asked = new WeakMap();
  const askAgain = ({ elt, requestConfig: { verb, path } }) => {
    const now = asked.get(elt);
    if (verb !== "get" && !/\/(check|days)$/.test(path)) return;
    setTimeout(() => { if (asked.get(elt) === now && elt.isConnected) htmx.ajax(verb, path, { source: elt }); }, 4000 + Math.random() * 4000);
  };
  on("htmx:sendError", ({ detail }) => { complain("unreachable", detail.elt); unsaved(); askAgain(detail); });
  on("htmx:timeout", ({ detail }) => { complain("slow", detail.elt); unsaved(); askAgain(detail); });
  on("htmx:responseError", ({ detail }) => {
    const { xhr, elt } = detail;
    unsaved();
    if (xhr.status === 401) return;
    if (xhr.status > 500) askAgain(detail);
    complain(xhr.status < 500 ? "refused" : "failed", elt);
    const said = $("#error p", new DOMParser().parseFromString(xhr.responseText, "text/html"))?.textContent;
    if (said) trouble.textContent = said;
  });
  on("htmx:afterRequest", ({ detail }) => { if (detail.successful) calm(detail.elt); });

  // ---- Sent once ------------------------------------------------------------------------------------------------------
  on("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("data-repeat") || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if ($("[data-sending]", form)) { event.preventDefault(); complain("sending"); return; }
    form.dataset.sent = "yes";
    if (window.htmx) htmx.trigger(form, "htmx:abort");
    setTimeout(() => [...form.elements].forEach((b) => b.type === "submit" && b.setAttribute("aria-busy", "true")));
    setTimeout(() => free(form), 20000);
  });
  function free(form) {
    delete form.dataset.sent;
    [...form.elements].forEach((b) => b.removeAttribute("aria-busy"));
  }
  on("pageshow", () => { all("form[data-sent]").forEach(free); all("select[data-combo][hidden]").forEach((select) => select.dispatchEvent(new Event("put"))); }, window);

  // A button with its reason beside it says why instead of acting.
  on("click", (event) => {
    const button = event.target.closest("button, a");
    if (!button) return;
    if (button.getAttribute("aria-disabled") === "true") { event.preventDefault(); say(document.getElementById(button.getAttribute("aria-describedby"))?.textContent); }
    if (button.matches("[data-print]")) window.print();
    if (button.matches("[data-add-line]")) { event.preventDefault(); addLine(button); }
    if (button.matches("[data-remove-line]")) { event.preventDefault(); removeLine(button); }
  });

  // ---- Keys of the sign-off ------------------------------------------------------------------------------------------
  // The line [data-keys] says them and turns them off. None acts while something is typed, and none signs: g goes to the
  // button, Enter presses it.
  const keysLine = $("[data-keys]");
  let keys = true;
  try { keys = localStorage.getItem("keys") !== "off"; } catch { /* without a store they are on */ }
  const showKeys = () => { keysLine.hidden = false; $("button", keysLine).setAttribute("aria-pressed", String(!keys)); };
  function goBy(key) {
    const rows = all("#lines tbody th a"), at = rows.indexOf(document.activeElement);
    if (rows.length) ({ n: () => rows[Math.min(at + 1, rows.length - 1)].focus(), p: () => rows[Math.max(at - 1, 0)].focus(), o: () => (rows[at] || rows[0]).click() })[key]?.();
    else ({ n: () => $(".case-nav [rel=next]")?.click(), p: () => $(".case-nav [rel=prev]")?.click(), g: () => $("#grant")?.focus() })[key]?.();
  }
  if (keysLine) {
    showKeys();
    on("click", () => { keys = !keys; try { localStorage.setItem("keys", keys ? "on" : "off"); } catch { /* for this page only */ } showKeys(); }, $("button", keysLine));
    on("keydown", (event) => {
      if (!keys || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox], [type=radio]), textarea, select")) return;
      goBy(event.key);
    });
  }

  // ---- Lines that can be added and removed -----------------------------------------------------------------------------
  const lines = {
    add(box) {
      const line = $("template", box).content.firstElementChild.cloneNode(true);
      $("template", box).before(line);
      renumber(box);
      return line;
    },
    remove(line) { const box = line.closest("[data-lines]"); line.remove(); renumber(box); },
  };
  function addLine(button) { $("select, input", lines.add(button.closest("[data-lines]"))).focus(); }
  function removeLine(button) {
    const line = button.closest("[data-line]"), next = line.nextElementSibling, box = line.closest("[data-lines]");
    lines.remove(line);
    (next?.matches("[data-line]") ? $("select, input", next) : $("[data-add-line]", box)).focus();
    box.closest("form").dispatchEvent(new Event("change", { bubbles: true }));
  }
  function renumber(box) {
    const prefix = new RegExp("(" + box.dataset.lines + "-|remove-line-|use-rate-)(\\d+|__i__)", "g");
    all("[data-line]", box).forEach((line, i) => {
      for (const part of all("*", line)) for (const { name, value } of [...part.attributes]) {
        const moved = value.replace(prefix, "$1" + i);
        if (moved !== value) part.setAttribute(name, moved);
      }
      all("[data-line-number]", line).forEach((n) => { n.textContent = i + 1; });
    });
  }

  // ---- Files ----------------------------------------------------------------------------------------------------------
  function dropArea(area) {
    const input = $("input[type=file]", area);
    if (!input) return;
    $("[data-drop-hint]", area).hidden = false;
    for (const kind of ["dragover", "dragleave", "drop"]) {
      on(kind, (event) => { event.preventDefault(); area.classList.toggle("is-over", kind === "dragover"); }, area);
    }
    on("drop", (event) => {
      if (input.dataset.sending) return complain("sending");
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }, area);
  }
  const barOf = (elt) => elt.closest?.("[data-drop]")?.querySelector("[data-progress]");
  on("htmx:xhr:progress", ({ target, detail }) => {
    const bar = barOf(target);
    if (bar && detail.total) { bar.hidden = false; bar.value = (100 * detail.loaded) / detail.total; }
  });
  // An input that is sending takes no further files, and no form is sent meanwhile: they would be lost.
  on("htmx:beforeRequest", ({ target }) => { if (target.type === "file") target.dataset.sending = "yes"; });
  on("htmx:afterRequest", ({ target }) => { const bar = barOf(target); if (bar) { bar.hidden = true; delete target.dataset.sending; } });
  on("click", (event) => { if (event.target.dataset?.sending) { event.preventDefault(); complain("sending"); } });
  // A file goes with its own request only, not with every check of the form around it.
  on("htmx:configRequest", ({ detail: { elt, formData } }) => {
    if (elt.type === "file") return;
    for (const [name, value] of [...formData]) if (value instanceof File) formData.delete(name);
  });
  // Too large is said before anything is sent; the rest of what was chosen goes.
  const tooLarge = new Map();
  document.addEventListener("change", (event) => {
    const input = event.target, most = Number(input.dataset?.most);
    if (input.type !== "file" || !most) return;
    const fits = new DataTransfer(), rest = [...input.files].filter((file) => file.size > most || !fits.items.add(file));
    tooLarge.set(input.id, rest.map((file) => input.dataset.tooLarge.replace("{name}", file.name)).join(" "));
    if (!rest.length) return;
    input.files = fits.files;
    sayTooLarge(input);
    if (!fits.files.length) { input.value = ""; event.stopImmediatePropagation(); }
  }, true);
  function sayTooLarge(input) {
    const line = document.getElementById(input.id + "-error"), text = tooLarge.get(input.id) || "";
    if (!line.textContent.includes(text)) line.textContent = `${text} ${line.textContent}`.trim();
    say(line.textContent);
  }
  // The focus is given at once: while nothing has it, another answer that settles would take it to the top of the page.
  on("htmx:afterSwap", ({ target }) => {
    if (target.matches?.("[data-sent-files]") && document.activeElement === document.body) $("input[type=file]", target).focus({ preventScroll: true });
  });
  function received(area) {
    if (!area.matches?.("[data-sent-files]")) return;
    const input = $("input[type=file]", area);
    if (area.dataset.announce) say(area.dataset.announce);
    if ($(".message", area).textContent || tooLarge.get(input.id)) sayTooLarge(input);
    tooLarge.delete(input.id);
    area.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // ---- Find by typing: an ARIA combobox over a select, which stays what is sent ------------------------------------------
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/ø/g, "o").replace(/æ/g, "ae");
  function combo(select) {
    const choices = [...select.options].filter((o) => o.value).map((o) => ({ value: o.value, label: o.text, words: plain(o.text + " " + (o.dataset.names || "")) }));
    const id = select.id, box = document.createElement("div"), input = document.createElement("input"), list = document.createElement("ul");
    let at = -1;
    box.className = "combo control";
    select.id = id + "-value";
    select.hidden = true;
    Object.assign(input, { type: "text", id, autocomplete: "off", value: select.value ? select.selectedOptions[0].text : "" });
    Object.assign(list, { id: id + "-list", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", $(`label[for="${id}"]`)?.textContent || id);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list" })) input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    select.before(box);
    box.append(input, list, select);

    const close = () => { list.hidden = true; at = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const point = (i) => {
      const rows = all("[role=option]", list);
      at = Math.max(-1, Math.min(i, rows.length - 1));
      rows.forEach((row, n) => row.setAttribute("aria-selected", String(n === at)));
      if (at < 0) return input.removeAttribute("aria-activedescendant");
      input.setAttribute("aria-activedescendant", rows[at].id);
      rows[at].scrollIntoView({ block: "nearest" });
    };
    const open = (text) => {
      const wanted = plain(text.trim());
      const found = choices.filter((c) => !wanted || c.words.startsWith(wanted) || c.words.includes(" " + wanted))
        .concat(choices.filter((c) => wanted && !c.words.startsWith(wanted) && !c.words.includes(" " + wanted) && c.words.includes(wanted)));
      list.replaceChildren(...(found.length ? found : [null]).map((c, n) => {
        const row = document.createElement("li");
        row.textContent = c ? c.label : select.dataset.none;
        if (c) { row.id = `${list.id}-${n}`; row.setAttribute("role", "option"); row.dataset.value = c.value; } else row.setAttribute("aria-disabled", "true");
        return row;
      }));
      if (!found.length) { list.firstChild.setAttribute("role", "option"); say(select.dataset.none); }
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      point(wanted && found.length ? 0 : -1);
    };
    const choose = (value) => {
      const was = select.value;
      select.value = value;
      input.value = select.value ? select.selectedOptions[0].text : "";
      close();
      if (select.value !== was) select.dispatchEvent(new Event("change", { bubbles: true }));
    };
    // What is sent was set by the browser that goes back, or by what was put back: the name follows it.
    on("put", () => choose(select.value), select);
    on("input", (event) => { event.stopPropagation(); open(input.value); }, input);
    on("change", (event) => event.stopPropagation(), input);
    on("click", () => { if (list.hidden) open(""); }, input);
    on("keydown", (event) => {
      const rows = all("[data-value]", list);
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open(select.value ? "" : input.value);
        else point(at + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && !list.hidden) { event.preventDefault(); if (rows[at]) choose(rows[at].dataset.value); }
      else if (event.key === "Escape" && !list.hidden) { event.preventDefault(); close(); }
    }, input);
    // Left with a name that is one of them: taken. Left with something else: it stands as typed, nothing is chosen, and the check asks.
    on("blur", () => {
      const typed = plain(input.value.trim());
      const hit = choices.find((c) => plain(c.label) === typed) || (all("[data-value]", list).length === 1 && !list.hidden && choices.find((c) => c.value === $("[data-value]", list).dataset.value));
      if (!typed || hit) return choose(typed ? hit.value : "");
      close();
      select.value = "";
      select.dispatchEvent(new Event("change", { bubbles: true }));
    }, input);
    on("pointerdown", (event) => event.preventDefault(), list);
    on("click", (event) => { const row = event.target.closest("[data-value]"); if (row) choose(row.dataset.value); }, list);
  }

  // ---- Before the session runs out -----------------------------------------------------------------------------------
  // Whatever the portal answers counts as a word from the person. A form left in another tab is not asked about.
  const idle = $("#idle"), limit = Number(document.body.dataset.idle) * 1000, BEFORE = 120000;
  let heardAt = Date.now();
  const heard = () => { heardAt = Date.now(); if (idle) idle.replaceChildren(); };
  function warn() {
    if (idle.firstChild || Date.now() - heardAt < limit - Math.min(BEFORE, limit / 2)) return;
    const stay = document.createElement("button");
    stay.type = "button";
    stay.className = "button button--quiet";
    stay.textContent = idle.dataset.button;
    on("click", () => fetch("/account", { method: "HEAD", redirect: "error" }).then((answer) => { if (answer.ok) heard(); }, () => complain("unreachable")), stay);
    idle.append(`${idle.dataset.text} `, stay);
  }
  if (idle && limit) {
    setInterval(warn, 5000);
    on("htmx:afterRequest", ({ detail }) => { if (detail.successful) heard(); });
  }

  function enhance(root) {
    all("select[data-combo]:not([hidden])", root).forEach(combo);
    all("[data-drop]:not([data-ready])", root).forEach((area) => { area.dataset.ready = "yes"; dropArea(area); });
    all("[data-print]", root).forEach((button) => { button.hidden = false; });
    if (window.htmx) all("[data-without-script]", root).forEach((button) => { button.hidden = true; });
  }
  enhance(document);
  // On a narrow screen the menu and the tabs are rows that scroll: to where one is.
  for (const menu of all(".nav ul, .tabs ul")) {
    const tab = $("[aria-current]", menu);
    if (tab) menu.scrollLeft = tab.offsetLeft + tab.offsetWidth - menu.offsetLeft - menu.clientWidth + 32;
  }
  window.portal = { $, all, on, say, lines };
  if (window.htmx && $("[data-live][data-awaiting]")) showAsked($("[data-live]"));
  on("load", () => setTimeout(() => $("[data-error-summary]")?.focus()), window);
})();
