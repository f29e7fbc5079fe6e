import { review } from "./npm/browser.js"; // with a bundler: from "gopeer"

onmessage = async ({ data: { index, files } }) => {
  try {
    postMessage({ index, review: await review(files, { persona: "throughput" }) });
  } catch (error) {
    postMessage({ index, failed: `Not reviewed: ${error.message}` });
  }
};
