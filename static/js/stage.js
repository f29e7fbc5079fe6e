// The presenter and the sheets to print, fetched when one of them is first used: on the page of exercises, and for a review.
import { ofExercise, ofReview } from "./deck.js";
import { present } from "./present.js";
import { sheet } from "./sheet.js";
import { RULES } from "./verdict.js";

const HOW = [
  "Read each program as in a code review. A few faults are planted in it; other lines look wrong and are right.",
  `Mark the lines that are wrong and say what each of them threatens. ${RULES}`,
  "Check, take hints, try again, and hand in at the end. Your answers stay in your browser until you give them to your trainer.",
];

/** Presents exercises of a pack. */
export const presentExercises = (exercises, words, compare) => present(exercises.map((one) => ofExercise(one, words, compare)));

/** Shows sheets with exercises of a pack. `link` gives the address for learners. */
export function printExercises(pack, exercises, words, compare, link, report) {
  const topic = { title: pack.title, about: pack.about.split("\n\n"), how: HOW };
  sheet(exercises.map((one) => ofExercise(one, words, compare)), { topic, link, report });
}

/** Presents a review: the findings that its reviewer shows. */
export function presentReview(review) {
  const count = review.show > 0 ? review.show : review.findings.length;
  present([ofReview({ ...review, findings: review.findings.slice(0, count) })]);
}

/** Shows sheets with a review. `link` gives its address. */
export function printReview(review, link, report) {
  const deck = ofReview(review);
  sheet([deck], { topic: { title: deck.title, about: deck.about }, link, report });
}
