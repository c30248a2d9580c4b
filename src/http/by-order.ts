/** Sorted by ascending `order`, 0 when absent; equals keep the order they were bound in. */
export function byOrder<Item extends { readonly order?: number }>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
}
