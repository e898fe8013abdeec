// Days: what is typed is read by the server and said back; the button opens a calendar (the dialog pattern of WAI-ARIA).
(() => {
  "use strict";
  const { $, all, on, say } = window.portal;
  const language = document.documentElement.lang, locale = language === "en" ? "en-GB" : language;
  const written = (options) => { const form = new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options }); return (day) => form.format(day); };
  const inForm = written({ year: "numeric", month: "2-digit", day: "2-digit" }), ofMonth = written({ year: "numeric", month: "long" });
  const weekday = [written({ weekday: "short" }), written({ weekday: "long" })];
  const iso = (day) => day.toISOString().slice(0, 10);
  const moved = (day, days) => new Date(day.getTime() + days * 864e5);
  // The same day of another month, or its last.
  const inMonth = (day, months) => {
    const first = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + months, 1));
    const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
    return moved(first, Math.min(day.getUTCDate(), last) - 1);
  };

  // ---- Said back ------------------------------------------------------------------------------------------------------
  const timers = new WeakMap(), FIELD = "input[data-day]";
  async function sayBack(input, aloud) {
    const typed = input.value.trim(), line = document.getElementById(`${input.id}-said`);
    const show = ({ iso: day, says }) => {
      if (input.value.trim() !== typed) return;
      input.dataset.iso = day;
      if (aloud && line.textContent !== says) say(says);
      line.textContent = says;
    };
    if (!typed) return show({ iso: "", says: "" });
    const after = document.getElementById(input.dataset.after || "")?.dataset.iso || "";
    try {
      const answer = await fetch(`/day?${new URLSearchParams({ typed, after, leans: input.dataset.day })}`);
      if (answer.ok && !answer.redirected) show(await answer.json());
    } catch { /* the form itself says when nothing can be reached */ }
  }
  const soon = (input, wait) => { clearTimeout(timers.get(input)); timers.set(input, setTimeout(() => sayBack(input, true), wait)); };
  on("input", ({ target }) => { if (target.matches(FIELD)) soon(target, 300); });
  on("change", ({ target }) => {
    if (!target.matches(FIELD)) return;
    soon(target, 0);
    for (const other of all(`input[data-after="${target.id}"]`)) if (other.value) soon(other, 400);
  });
  // Put back from the shelf, or by a browser that goes back.
  document.addEventListener("put", ({ target }) => { if (target.matches?.(FIELD)) sayBack(target); }, true);
  on("pageshow", () => all(FIELD).filter((input) => input.value !== input.defaultValue).forEach((input) => sayBack(input)), window);

  // ---- The calendar ---------------------------------------------------------------------------------------------------
  const template = $("#days");
  let dialog, input, at;
  const today = () => { const now = new Date(); return new Date(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())); };

  function draw(focus = true) {
    $("h2", dialog).textContent = ofMonth(at);
    const first = moved(at, 1 - at.getUTCDate()), next = inMonth(first, 1), from = moved(first, -((first.getUTCDay() + 6) % 7));
    const weeks = [...Array(6).keys()].map((week) => moved(from, 7 * week)).filter((day) => day < next);
    $("tbody", dialog).replaceChildren(...weeks.map((week) => {
      const row = document.createElement("tr");
      row.append(...[...Array(7).keys()].map((n) => {
        const day = moved(week, n), cell = document.createElement("td");
        if (day.getUTCMonth() !== at.getUTCMonth()) return cell;
        cell.textContent = day.getUTCDate();
        cell.dataset.date = iso(day);
        cell.tabIndex = iso(day) === iso(at) ? 0 : -1;
        if (iso(day) === input.dataset.iso) cell.setAttribute("aria-selected", "true");
        if (iso(day) === iso(today())) cell.setAttribute("aria-current", "date");
        return cell;
      }));
      return row;
    }));
    if (focus) $("td[tabindex='0']", dialog).focus();
  }
  function go(day, focus) {
    const year = day.getUTCFullYear();
    if (year < 2000 || year > 2100) return;
    at = day;
    draw(focus);
  }
  function choose(day) {
    input.value = inForm(new Date(day));
    dialog.close();
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function make() {
    dialog = template.content.firstElementChild.cloneNode(true);
    $("thead tr", dialog).append(...[...Array(7).keys()].map((n) => {
      const head = document.createElement("th"), day = new Date(Date.UTC(2024, 0, 1 + n));
      Object.assign(head, { scope: "col", abbr: weekday[1](day), textContent: weekday[0](day).slice(0, 2) });
      return head;
    }));
    on("click", ({ target }) => {
      const months = target.closest("[data-months]")?.dataset.months, day = target.closest("[data-date]")?.dataset.date;
      if (months) go(inMonth(at, Number(months)), false);
      else if (day) choose(day);
      else if (target === dialog || target.closest("[data-close]")) dialog.close();
    }, dialog);
    on("keydown", (event) => {
      if (!event.target.dataset.date || event.ctrlKey || event.altKey || event.metaKey) return;
      const from = (at.getUTCDay() + 6) % 7, months = event.shiftKey ? 12 : 1;
      const to = {
        ArrowLeft: () => moved(at, -1), ArrowRight: () => moved(at, 1), ArrowUp: () => moved(at, -7), ArrowDown: () => moved(at, 7),
        Home: () => moved(at, -from), End: () => moved(at, 6 - from), PageUp: () => inMonth(at, -months), PageDown: () => inMonth(at, months),
      }[event.key];
      if (to) go(to());
      else if (event.key === "Enter" || event.key === " ") choose(event.target.dataset.date);
      else return;
      event.preventDefault();
    }, dialog);
    on("close", () => { input.focus({ preventScroll: true }); }, dialog);
    document.body.append(dialog);
  }
  on("click", ({ target }) => {
    const button = target.closest(".day > button");
    if (!button) return;
    if (!dialog) make();
    input = button.previousElementSibling;
    const after = document.getElementById(input.dataset.after || "")?.dataset.iso;
    at = input.dataset.iso || after ? new Date(input.dataset.iso || after) : today();
    dialog.setAttribute("aria-label", button.getAttribute("aria-label"));
    dialog.showModal();
    draw();
    // Under its field where there is room, else over it; on a narrow screen in the middle.
    const { left, bottom, top } = input.parentElement.getBoundingClientRect(), { offsetWidth: wide, offsetHeight: high } = dialog;
    const place = innerWidth < 480 ? ["", ""] : [Math.min(left, innerWidth - wide - 16), bottom + high + 8 < innerHeight ? bottom + 4 : Math.max(8, top - high - 4)];
    [dialog.style.left, dialog.style.top] = place.map((at) => at && `${at}px`);
    dialog.classList.toggle("picker--placed", place[0] !== "");
  });
  document.documentElement.classList.add("scripted");
})();
