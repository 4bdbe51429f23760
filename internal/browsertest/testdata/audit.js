// Finds what shuts people out of a page: the rules of WCAG 2.2 AA that a
// program can judge by looking at one state of a page. Returns a list of
// sentences, empty when there is nothing to say.
function audit(landmarks) {
  const findings = []
  const find = (problem, element) => findings.push(problem + (element ? ": " + name(element) : ""))
  const name = e => e.outerHTML.slice(0, e.outerHTML.indexOf(">") + 1).slice(0, 150) + " “" + e.textContent.trim().slice(0, 40) + "”"
  const all = selector => [...document.querySelectorAll(selector)]
  const visible = e => e.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }) && !e.closest(".hidden")

  // Structure.
  if (!document.documentElement.lang) find("no language")
  if (!document.title.trim()) find("no title")
  for (const [selector, count] of Object.entries(landmarks)) {
    const got = all(selector).length
    if (count ? got !== count : got < 1) find(`${got} × ${selector}, want ${count || "at least 1"}`)
  }
  if (all("h1").length !== 1) find(`${all("h1").length} × h1, want 1`)
  let level = 0
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const own = Number(heading.localName[1])
    if (own > level + 1) find(`h${own} after h${level}`, heading)
    level = own
  }
  const ids = new Set()
  for (const e of all("[id]")) {
    if (ids.has(e.id)) find("an id that is there twice", e)
    ids.add(e.id)
  }
  for (const attribute of ["for", "aria-labelledby", "aria-describedby", "aria-controls"]) {
    for (const e of all(`[${attribute}]`)) {
      for (const id of e.getAttribute(attribute).split(/\s+/)) if (!ids.has(id)) find(`${attribute} points to nothing`, e)
    }
  }
  for (const e of all('a[href^="#"]')) {
    const id = decodeURIComponent(e.hash.slice(1))
    if (id && !ids.has(id)) find("a link within the page that leads nowhere", e)
  }
  for (const e of all("ul > :not(li), ol > :not(li)")) find("something other than li in a list", e)

  // Names.
  const named = e => (e.getAttribute("aria-label") || "").trim() || e.hasAttribute("aria-labelledby")
  for (const e of all("input:not([type=hidden]), textarea, select")) if (!e.labels?.length && !named(e)) find("a field without a label", e)
  for (const e of all("img")) if (!e.hasAttribute("alt")) find("an image without alt", e)
  for (const e of all("a[href], button, summary")) {
    const images = [...e.querySelectorAll("img[alt]")].map(i => i.alt).join("")
    if (!e.closest("[aria-hidden=true]") && !(e.textContent + images).trim() && !named(e)) find("a control without a name", e)
  }
  if (all("nav").length > 1) for (const e of all("nav")) if (!named(e)) find("one of several nav without a name", e)
  for (const e of all("[aria-hidden=true] :is(a, button, input, textarea, summary), [aria-hidden=true]:is(a, button)")) {
    if (e.tabIndex >= 0) find("a hidden control that the keyboard reaches", e)
  }
  for (const e of all("*")) {
    const overflow = getComputedStyle(e).overflowX
    if ((overflow === "auto" || overflow === "scroll") && e.scrollWidth > e.clientWidth + 1 && visible(e) &&
      !e.hasAttribute("tabindex") && !e.querySelector("a[href], button, input, [tabindex]") && !e.matches("input, textarea")) {
      find("what scrolls cannot be scrolled by keyboard", e)
    }
  }

  // Contrast. Colours are [red, green, blue, alpha], 0–255 and 0–1.
  const colour = text => {
    const rgb = text.match(/^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)$/)
    if (rgb) return [+rgb[1], +rgb[2], +rgb[3], rgb[4] === undefined ? 1 : +rgb[4]]
    find("a colour that this check cannot read: " + text)
    return [0, 0, 0, 1]
  }
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1)
  const ground = e => {
    if (!e) return [255, 255, 255, 1]
    const own = colour(getComputedStyle(e).backgroundColor)
    return own[3] === 1 ? own : over(own, ground(e.parentElement))
  }
  const luminance = c => {
    const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (light + 0.05) / (dark + 0.05)
  }
  const checkText = (e, style, what) => {
    let opacity = 1
    for (let p = e; p; p = p.parentElement) opacity *= +getComputedStyle(p).opacity
    const below = ground(e)
    const text = colour(style.color)
    const size = parseFloat(style.fontSize)
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700)
    const got = contrast(over([...text.slice(0, 3), text[3] * opacity], below), below)
    if (got < (large ? 3 : 4.5)) find(`contrast of ${what} ${got.toFixed(2)}`, e)
  }
  const seen = new Set()
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const e = node.parentElement
    if (!node.data.trim() || seen.has(e) || !visible(e) || e.closest(":disabled, datalist")) continue
    seen.add(e)
    checkText(e, getComputedStyle(e), "text")
  }
  for (const e of all("input:not([type=hidden], [type=checkbox]), textarea").filter(visible)) {
    checkText(e, getComputedStyle(e), "a field's text")
    if (e.placeholder) checkText(e, getComputedStyle(e, "::placeholder"), "a placeholder")
  }
  // What shows where a control is: its edge, or else its own ground.
  for (const e of all("input:not([type=hidden], [type=checkbox]), textarea, button:not(.link), .button").filter(visible)) {
    const around = ground(e.parentElement)
    const edge = parseFloat(getComputedStyle(e).borderTopWidth) > 0 ? contrast(over(colour(getComputedStyle(e).borderTopColor), around), around) : 1
    const own = contrast(ground(e), around)
    if (Math.max(edge, own) < 3) find(`contrast of a control's edge ${Math.max(edge, own).toFixed(2)}`, e)
  }

  // Targets of 24 by 24 pixels, but for links within a sentence, and those that
  // an author made and left room around.
  const block = e => getComputedStyle(e).display.startsWith("inline") ? block(e.parentElement) : e
  const inSentence = e => {
    if (getComputedStyle(e).display !== "inline") return false
    const around = block(e.parentElement)
    const links = [...around.querySelectorAll("a")].map(a => a.textContent).join("")
    return around.textContent.replace(/\s/g, "").length > links.replace(/\s/g, "").length
  }
  const targets = all("a[href], button, input:not([type=hidden]), textarea, summary").filter(e => visible(e) && !e.disabled && !e.matches(".skip"))
  const centre = e => { const box = e.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] }
  const hasRoom = e => targets.every(other => other === e || Math.hypot(centre(e)[0] - centre(other)[0], centre(e)[1] - centre(other)[1]) >= 24)
  for (const e of targets) {
    const box = e.getBoundingClientRect()
    if (box.width >= 23.5 && box.height >= 23.5 || inSentence(e) || e.closest(".prose") && hasRoom(e)) continue
    find(`a target of ${box.width.toFixed(0)} × ${box.height.toFixed(0)} pixels`, e)
  }
  return [...new Set(findings)]
}
