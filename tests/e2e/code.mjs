// Go code that the tests paste.

/** A handler with findings, one of them with a fix. */
export const SHOP = `package shop

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
)

var ErrGone = errors.New("gone")

type Shop struct{ db *sql.DB }

func (s *Shop) Load(w http.ResponseWriter, r *http.Request) {
	_, err := s.db.ExecContext(context.Background(), "DELETE FROM carts WHERE id = $1", r.FormValue("id"))
	if err == ErrGone {
		http.Error(w, "gone", http.StatusGone)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	http.ListenAndServe(":8080", nil)
}
`;

/** Code without a finding that names no package. */
export const FRAGMENT = `func add(a, b int) int {
	return a + b
}
`;

/** About a thousand lines. */
export const LONG = `package long

${Array.from({ length: 250 }, (_, i) => `func f${i}(a int) int {\n\treturn a + ${i}\n}\n`).join("\n")}`;

/** About a thousand lines with some four findings in each of 66 handlers. */
export const WORK = (() => {
  const [head, tail] = SHOP.split("type Shop");
  const shops = Array.from({ length: 66 }, (_, i) => `type Shop${tail}`.replaceAll("Shop", `Shop${i}`).replace("func main()", `func main${i}()`));
  return head + shops.join("\n");
})();
