// Open Graph: how a link to the site looks in a chat. Its addresses are absolute, so the build has to know the site's.

const TITLE = "gopeer – Go code review in your browser";
const ABOUT = "Paste Go code and have it reviewed: what will hurt in production, why, and how to fix it. Your code is sent nowhere.";

/** The tags for a site at `base`, whose image lies at that path below it. */
export function openGraph(base, image) {
  const address = new URL(base);
  if (!/^https?:$/.test(address.protocol)) throw new Error(`--base-url takes an address of the web, not ${base}`);
  if (!address.pathname.endsWith("/")) address.pathname += "/";
  const tags = {
    "og:type": "website", "og:site_name": "gopeer", "og:title": TITLE, "og:description": ABOUT, "og:url": address.href,
    "og:image": new URL(image, address).href, "og:image:width": "1200", "og:image:height": "630",
    "og:image:alt": "A review: Go code on the left, the verdict and the findings on the right", "twitter:card": "summary_large_image",
  };
  const quoted = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return Object.entries(tags).map(([name, content]) => `  <meta property="${name}" content="${quoted(content)}">`).join("\n");
}
