/** Resident bytes after garbage is gone: the least of a few looks, since freed pages leave a little later. */
export async function settledMemory() {
  let least = Infinity;
  for (let look = 0; look < 5; look++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
    least = Math.min(least, process.memoryUsage.rss());
  }
  return least;
}
