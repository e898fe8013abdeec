// What somebody types survives. Every form that posts is watched by what it is made of; no form does anything for it.
// Where the form is a draft it is saved while it is typed and when the page is left; what is not sent of any form waits in
// the tab and is put back on its page: after signing in anew, in another language, after an answer that refused it.
(() => {
  "use strict";
  const { $, all, on, say, lines } = window.portal;
  const { person: me, page } = document.body.dataset;
  const here = page.split("?")[0], undone = "undone" in document.body.dataset;

  // ---- The shelf ------------------------------------------------------------------------------------------------------
  // sessionStorage["typed:<page> <action> <id of the first field>"] = { by, at, to, sent: from which address, or false, hidden,
  // parts: { name: { was, now } } }. Only what differs from the page as it came is kept, by question: so that nothing else
  // is put over what others changed since.
  // A question's part is a list of [name, value]; cost lines are one part. Never a password, a file or what is hidden; that a
  // file was chosen is kept in files, by the field's id, for a browser gives no page a file back.
  const SHELF = "typed:", HALF_A_DAY = 12 * 36e5, UNTYPED = /^(hidden|file|password|submit|button)$/;
  const fields = (form) => all("input, select, textarea", form).filter((field) => field.name && !UNTYPED.test(field.type));
  const files = (form) => all("input[type=file]", form);
  const isTick = (field) => field.type === "radio" || field.type === "checkbox";
  const typed = (field) => (isTick(field) ? (field.checked ? field.value : null) : field.value);
  function given(field) {
    if (isTick(field)) return field.defaultChecked ? field.value : null;
    if (field.options) return ([...field.options].find((option) => option.defaultSelected) || field.options[0])?.value ?? "";
    return field.defaultValue;
  }
  const partOf = (field) => field.closest("[data-lines]")?.dataset.lines || field.name;
  function parts(form, read) {
    const found = Object.create(null);
    for (const box of all("[data-lines]", form)) found[box.dataset.lines] = [];
    for (const field of fields(form)) (found[partOf(field)] ||= []).push([field.name, read(field)]);
    return found;
  }
  const written = (found) => { for (const name in found) found[name] = JSON.stringify(found[name]); return found; };

  const shelved = () => Object.keys(sessionStorage).filter((key) => key.startsWith(SHELF));
  const take = (key) => JSON.parse(sessionStorage.getItem(key) || "null");
  function lay(key, entry) { try { sessionStorage.setItem(key, JSON.stringify(entry)); } catch { sessionStorage.removeItem(key); } }
  const target = (form) => new URL(form.getAttribute("action") || page, location.origin).pathname;

  // What a form was as its page came, by form.
  const watched = new Map();
  let closed = !me, gone = null, leaving = 0;
  on("beforeunload", () => { leaving = Date.now(); }, window);
  // What was sent has arrived when the next page comes from where it was sent; after one that never came it is put back.
  const came = performance.getEntriesByType("navigation")[0]?.type === "navigate" && document.referrer;
  const from = came && new URL(came).pathname;
  for (const key of shelved()) {
    const entry = take(key);
    if ((me && entry.by !== me) || !(Date.now() - entry.at < HALF_A_DAY) || (from && entry.sent === from && !undone)) sessionStorage.removeItem(key);
    else if (entry.sent) lay(key, { ...entry, sent: false });
  }
  function watch(form) {
    const first = fields(form)[0] || files(form)[0];
    if (!first || closed) return;
    watched.set(form, { key: `${SHELF}${here} ${target(form)} ${first.id || first.name}`, was: written(parts(form, given)), adopted: null });
    putBack(form);
  }
  function keep(form) {
    if (closed || form === gone) return;
    const { key, was } = watched.get(form), now = parts(form, typed), changed = {};
    for (const name in now) if (JSON.stringify(now[name]) !== was[name]) changed[name] = { was: was[name], now: now[name] };
    const chosen = files(form).filter((field) => field.files.length && !field.dataset.sending).map(({ id }) => id);
    if (!Object.keys(changed).length && !chosen.length) { sessionStorage.removeItem(key); return; }
    const hidden = all("input[type=hidden]", form).filter(({ name }) => /revision$|^(window|turn)$/.test(name)).map(({ name, value }) => [name, value]);
    lay(key, { by: me, at: Date.now(), to: target(form), sent: false, hidden, parts: changed, files: chosen });
  }
  const keepAll = () => watched.forEach((_, form) => keep(form));

  function put(form, part, values) {
    const box = all("[data-lines]", form).find((each) => each.dataset.lines === part);
    if (box) {
      const wanted = new Set(values.map(([name]) => name.slice(part.length).split("-")[1])).size;
      for (let there = all("[data-line]", box); there.length !== wanted; there = all("[data-line]", box)) {
        if (there.length < wanted) lines.add(box);
        else lines.remove(there[there.length - 1]);
      }
    }
    for (const field of fields(form).filter((each) => partOf(each) === part)) {
      const mine = values.filter(([name]) => name === field.name).map(([, value]) => value);
      if (isTick(field)) field.checked = mine.includes(field.value);
      else if (mine.length) field.value = mine[0];
      field.dispatchEvent(new Event("put"));
      const folded = field.closest("details");
      if (folded && typed(field) !== given(field)) folded.open = true;
    }
  }
  const again = $("#restored").dataset.files;
  function sayAgain(id) {
    const line = document.getElementById(`${id}-error`);
    if (!line) return;
    line.textContent = again;
    say(again);
  }
  on("change", ({ target: { type, id } }) => {
    const line = type === "file" && document.getElementById(`${id}-error`);
    if (line && line.textContent === again) line.textContent = "";
  });
  function putBack(form) {
    const { key, was } = watched.get(form), entry = take(key);
    if (!entry) return;
    for (const id of entry.files || []) sayAgain(id);
    const before = {};
    let changedMeanwhile = false;
    for (const [part, { was: old, now }] of Object.entries(entry.parts)) {
      if (was[part] === undefined) continue;
      if (JSON.stringify(now) !== JSON.stringify(parts(form, typed)[part])) {
        before[part] = JSON.parse(was[part]);
        if (was[part] !== old) changedMeanwhile = true;
        put(form, part, now);
      }
      if (undone) was[part] = old;
    }
    if (!Object.keys(before).length) return;
    // Somebody changed the same meanwhile, in another window: the server is told what this text was written over, and says so.
    if (changedMeanwhile) for (const [name, value] of entry.hidden) for (const box of all("input[type=hidden]", form)) if (box.name === name) box.value = value;
    watched.get(form).adopted = new Map(entry.hidden);
    const note = $("#restored").content.firstElementChild.cloneNode(true);
    form.before(note);
    say($("p", note).textContent);
    on("click", () => {
      for (const part in before) put(form, part, before[part]);
      note.remove();
      keep(form);
      form.dispatchEvent(new Event("change", { bubbles: true }));
    }, $("[data-forget]", note));
    setTimeout(() => form.dispatchEvent(new Event("change", { bubbles: true })));
  }
  on("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-sign-out]")) { closed = true; sessionStorage.clear(); }
    if (form.method !== "post" || event.defaultPrevented) return;
    if (watched.has(form)) { keep(form); gone = form; }
    for (const key of shelved()) { const entry = take(key); if (entry.to === target(form)) lay(key, { ...entry, sent: location.pathname }); }
  });
  on("pageshow", ({ persisted }) => { if (persisted) gone = null; }, window);

  // ---- A draft saves itself ---------------------------------------------------------------------------------------------
  // Two seconds after the last letter, and six after the first that is not saved; again when there was no answer; and when
  // the page is left. A window counts its saves, so that none of them is in the way of another on a slow line.
  // What is no answer, and marked data-unsaved, no save keeps: it waits in the tab.
  const PAUSE = 2000, CHOSEN = 600, MOST = 6000, LEAVES = 15000;
  function saveItself(form) {
    const saver = $("[data-saves]", form);
    const [name, turn] = ["window", "turn"].map((each) => {
      const box = document.createElement("input");
      form.append(Object.assign(box, { type: "hidden", name: each }));
      return box;
    });
    const adopted = watched.get(form).adopted;
    name.value = adopted?.get("window") || [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("");
    turn.value = adopted?.get("turn") || "0";
    const next = () => (turn.value = String(Number(turn.value) + 1));
    let edits = 0, saved = 0, sending = 0, left = 0, since = 0, timer, sent;
    const save = () => { clearTimeout(timer); since = 0; htmx.trigger(saver, "save"); };
    const touch = ({ type }) => {
      edits += 1;
      since ||= Date.now();
      clearTimeout(timer);
      timer = setTimeout(save, Math.max(0, Math.min(type === "change" ? CHOSEN : PAUSE, since + MOST - Date.now())));
    };
    on("input", touch, form);
    on("change", touch, form);
    on("submit", next, form);
    on("htmx:configRequest", ({ detail }) => {
      if (detail.elt !== saver) return;
      detail.formData.set("turn", next());
      [sending, sent] = [edits, written(parts(form, typed))];
      for (const { name } of all("[data-unsaved]", form)) delete sent[name];
    });
    on("htmx:afterRequest", ({ detail }) => {
      if (detail.elt !== saver) return;
      if (detail.successful) saved = sending;
      // What is saved while the page is being left may not be in the page that comes: it waits in the tab.
      if (detail.successful && Date.now() - leaving > LEAVES) { Object.assign(watched.get(form).was, sent); keep(form); }
      else if (!detail.xhr.status || detail.xhr.status >= 500) { clearTimeout(timer); timer = setTimeout(save, MOST); }
    });
    return () => {
      if (saved === edits || left === edits || form.dataset.sent) return;
      left = edits;
      next();
      const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
      fetch(saver.getAttribute("hx-post"), { method: "POST", body, keepalive: true, headers: { "HX-Request": "true" } })
        .then(({ ok }) => { if (!ok) left = 0; }).catch(() => { left = 0; });
    };
  }

  for (const form of all("main form[method=post]")) watch(form);
  const saving = [...watched.keys()].filter((form) => form.matches("[data-autosave]") && window.htmx).map(saveItself);
  const leave = () => { saving.forEach((save) => save()); keepAll(); };
  on("pagehide", leave, window);
  on("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
})();
