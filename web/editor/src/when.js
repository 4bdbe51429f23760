// What the date in the form means: how far away it is, by the clock of the
// site's zone, whatever the zone of who is writing.
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

const and = (n, unit, m, smaller) => (m ? `${n} ${unit} ${m} ${smaller}` : `${n} ${unit}`);

/** Says how far away a moment is; nothing of what is more than 30 days away. */
export function distance(at, now) {
  const minutes = Math.floor(Math.abs(at - now) / minute);
  const days = Math.floor(minutes / 1440);
  if (days > 30) return "";
  if (minutes === 0) return at > now ? "in less than a minute" : "just now";
  const hours = Math.floor(minutes / 60);
  if (at <= now) return days ? `${days} day${days > 1 ? "s" : ""} ago` : hours ? `${hours} h ago` : `${minutes} min ago`;
  if (days) return "in " + and(days, days > 1 ? "days" : "day", hours % 24, "h");
  return "in " + (hours ? and(hours, "h", minutes % 60, "min") : `${minutes} min`);
}

export function dateHint(form) {
  const field = form.elements.published_at;
  const line = form.querySelector("#published_at-when");
  if (!field || !line) return;
  const twice = form.querySelector("#published_at-twice"); // said of the date that the page came with
  const show = () => {
    let text = "";
    const typed = field.value !== field.defaultValue;
    if (twice) twice.hidden = typed;
    try {
      const at = field.value && moments(field.value, form.elements.zone.value);
      if (at && at.length === 0) text = "The clock jumps over this time: choose another.";
      else if (at) text = distance(at[0], Date.now()) + (at.length > 1 && (typed || !twice) ? " – the clock shows this time twice: the first is meant" : "");
    } catch {
      /* a zone that this browser does not know */
    }
    if (line.textContent !== text) line.textContent = text;
    line.hidden = text === "";
  };
  for (const name of ["input", "refresh"]) field.addEventListener(name, show);
  setInterval(show, minute / 2);
  show();
}
