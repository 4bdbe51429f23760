// What the date in the form means: how far away it is, by the clock of the
// site's zone, whatever the zone of who is writing.
import { text } from "./texts.js";
const day = 86_400_000;
const minute = 60_000;

/** Returns how far the zone's clock is ahead of UTC at a moment, in milliseconds. */
function offset(zone, at) {
  const parts = {};
  const format = new Intl.DateTimeFormat("en-u-ca-gregory", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
  return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second) - Math.floor(at / 1000) * 1000;
}

/** Returns the moments at which the zone's clock shows a time: one, none when it jumps over it, two when it is set back. */
export function moments(local, zone) {
  const wall = Date.parse(local + "Z");
  if (Number.isNaN(wall)) return null;
  const candidates = new Set([-day, day].map((around) => wall - offset(zone, wall + around)));
  return [...candidates].filter((at) => at + offset(zone, at) === wall).sort((a, b) => a - b);
}

/** Says how far away a moment is; nothing of what is more than 30 days away. */
export function distance(at, now) {
  const minutes = Math.floor(Math.abs(at - now) / minute);
  const days = Math.floor(minutes / 1440);
  if (days > 30) return "";
  if (minutes === 0) return text(at > now ? "editor.when.soon" : "editor.when.now");
  const hours = Math.floor(minutes / 60);
  if (at <= now) return days ? text("editor.when.days-ago", days) : hours ? text("editor.when.hours-ago", hours) : text("editor.when.minutes-ago", minutes);
  if (days) return hours % 24 ? text("editor.when.days-hours", days, hours % 24) : text("editor.when.days", days);
  if (hours) return minutes % 60 ? text("editor.when.hours-minutes", hours, minutes % 60) : text("editor.when.hours", hours);
  return text("editor.when.minutes", minutes);
}

export function dateHint(form) {
  const field = form.elements.published_at;
  const line = form.querySelector("#published_at-when");
  if (!field || !line) return;
  const twice = form.querySelector("#published_at-twice"); // said of the date that the page came with
  const show = () => {
    let said = [];
    const typed = field.value !== field.defaultValue;
    if (twice) twice.hidden = typed;
    try {
      const at = field.value && moments(field.value, form.elements.zone.value);
      if (at && at.length === 0) said = [text("editor.when.skipped")];
      else if (at) said = [distance(at[0], Date.now()), at.length > 1 && (typed || !twice) && text("editor.when.twice")];
    } catch {
      /* a zone that this browser does not know */
    }
    const words = said.filter(Boolean).join(" – ");
    if (line.textContent !== words) line.textContent = words;
    line.hidden = words === "";
  };
  for (const name of ["input", "refresh"]) field.addEventListener(name, show);
  setInterval(show, minute / 2);
  show();
}
