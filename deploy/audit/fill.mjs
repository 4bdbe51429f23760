// Adds what the demo posts do not have to the blog of an audit, as its owner
// would: through the forms, by the link that the server logs when it starts.
import { readFileSync } from "node:fs";

// fill takes the blog's address, the link and the address of a picture.
export async function fill(base, link, picture) {
  const cookies = new Map();

  async function send(path, fields) {
    const answer = await fetch(new URL(path, base), {
      method: fields ? "POST" : "GET",
      headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      body: fields && new URLSearchParams(fields),
      redirect: "manual",
    });
    for (const [, name, value] of answer.headers.getSetCookie().map((c) => c.match(/^([^=]+)=([^;]*)/))) cookies.set(name, value);
    if (answer.status >= 400) throw new Error(`${path}: ${answer.status}, ${(await answer.text()).match(/(?<=class="problem"[^>]*>)[^<]*/)}`);
    return answer;
  }

  async function publish(fields) {
    const unseen = await hidden(`/admin/posts/new?kind=${fields.kind ?? "post"}`);
    const answer = await send("/admin/posts", { kind: "post", language: "en", ...unseen, ...fields, action: "publish" });
    return new URL(answer.headers.get("Location"), base).pathname;
  }

  // hidden returns the hidden fields of a page's form.
  async function hidden(path) {
    const page = await (await send(path)).text();
    return Object.fromEntries([...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  }

  await send("/admin/setup", {
    code: new URL(link).searchParams.get("code"), title: "Broadsheet", name: "Ada Lovelace", email: "ada@example.org", password: "correct horse battery staple",
  });
  await send("/admin/settings", {
    title: "Broadsheet", tagline: "News from the build", language: "en", time_zone: "UTC", navigation: "About: /about\nArabic: /arabic-page",
  });
  await send("/admin/account", { name: "Ada Lovelace", email: "ada@example.org", bio: "Writes about *engines*, see [About](/about)." });
  const text = readFileSync(new URL("everything.md", import.meta.url), "utf8").replaceAll("PICTURE", picture);
  await publish({ kind: "page", title: "A page", slug: "a-page", markdown: text, summary: "Who we are." });
  await publish({ kind: "page", title: "من نحن", slug: "arabic-page", language: "ar", markdown: "نكتب عن *الطباعة*.\n\n## العنوان\n\nنص." });
  // No tag is called Go: Lighthouse takes it for a link that says nothing.
  const everything = { cover: picture, cover_alt: "Three sheets of paper", tags: "Everything, Code, C++", series: "Everything", featured: "yes" };
  await publish({ ...everything, title: "Everything at once", slug: "everything", summary: "A *summary* and [about us](/about).", markdown: text, series_place: "1" });
  await publish({ ...everything, title: "Alles auf einmal", slug: "alles", language: "de", markdown: text, series_place: "2", translation_of: "everything" });
  await publish({ ...everything, title: "كل شيء دفعة واحدة", slug: "kull-shay", language: "ar", markdown: text, series_place: "3", translation_of: "everything" });
  await publish({ title: "Long ".repeat(20) + "Unbreakable".repeat(8), slug: "long", markdown: "Few words.", tags: "Everything" });
  const gone = await publish({ title: "Gone", slug: "gone", markdown: "Words." });
  await send(gone + "/delete", await hidden(gone + "/delete"));
}
