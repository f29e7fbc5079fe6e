// QR codes as the module `report` gives them: the size in modules, and after a line end the path of the dark ones.
import { svg } from "./make.js";

/** The code as a picture. */
export function picture(drawn) {
  const [size, path] = drawn.split("\n");
  return svg("svg", { viewBox: `0 0 ${size} ${size}`, class: "qr", role: "img", "aria-label": "QR code of the link", "shape-rendering": "crispEdges" },
    svg("rect", { width: size, height: size, fill: "#fff" }), svg("path", { d: path, fill: "#000" }));
}
