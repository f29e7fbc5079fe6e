// shelf.js in the one-file edition: a file on disk has no store but the tab's own, which lasts until the tab is closed.

/** The store, as packs.js asks it. */
export const open = async () => ({
  put: async (address, response) => sessionStorage.setItem(address, await response.text()),
  async match(address) {
    const text = sessionStorage.getItem(address);
    return text === null ? undefined : new Response(text);
  },
});
