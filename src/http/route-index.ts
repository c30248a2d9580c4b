import Router from '@koa/router'

type Layer = Router['stack'][number]

/** With fewer layers than this, looking them up takes as long as trying them. */
const FEWEST_LAYERS = 16

/** Segments of plain text, the last of which ends with the path, at a slash, or at an optional slash. */
const PLAIN_BEGINNING = /^(?:\/[\w.~-]+(?=\/|\{\/|$))+/

/** Which letters of other alphabets match one another is for regular expressions to know. */
const NOT_ASCII = /[^ -~]/

/**
 * Spares a router the regular expressions of most of its routes: those whose paths begin with other text than the
 * request's can't match. Which of the rest do is decided by the router itself, as ever, in the same order.
 *
 * A router whose `match` is not @koa/router's own is left alone.
 */
export function indexRoutes(router: Router): void {
  const { match } = Router.prototype
  if (router.match !== match) return
  const { prefix } = router
  let index: LayerIndex | undefined
  router.match = (path, method) => {
    const { stack } = router
    if (stack.length < FEWEST_LAYERS) return match.call(router, path, method)
    if (index?.isOf(stack) !== true) index = new LayerIndex(stack)
    return match.call({ stack: index.candidates(path) } as Router, path, method)
  }
  // It changes the layers that are there.
  router.prefix = (path) => {
    index = undefined
    return prefix.call(router, path)
  }
}

/** Layers by the segments that their paths begin with, one segment at each level, in the order of the router. */
class LayerIndex {
  readonly #layers: Layer[]
  /** Layers that may match whatever stands at this level. */
  readonly #others: Layer[] = []
  /** By what stands at this level: those that ask for it, and the others. Absent where dividing is of no use. */
  readonly #bySegment: ReadonlyMap<string, LayerIndex> | undefined

  constructor(layers: readonly Layer[], level = 0) {
    this.#layers = [...layers]
    if (layers.length < FEWEST_LAYERS) return
    const lists = new Map<string, Layer[]>()
    for (const layer of layers) {
      const segment = plainBeginning(layer)[level]
      if (segment === undefined) {
        this.#others.push(layer)
        for (const list of lists.values()) list.push(layer)
      } else {
        const list = lists.get(segment) ?? [...this.#others]
        list.push(layer)
        lists.set(segment, list)
      }
    }
    if (lists.size === 0) return
    this.#bySegment = new Map([...lists].map(([segment, list]) => [segment, new LayerIndex(list, level + 1)]))
  }

  /** Whether nothing has been added or taken away. */
  isOf(stack: readonly Layer[]): boolean {
    const last = stack.length - 1
    return stack.length === this.#layers.length && stack[last] === this.#layers[last]
  }

  /** @param from where this level's segment of the path begins */
  candidates(path: string, from = 1): Layer[] {
    if (this.#bySegment === undefined) return this.#layers
    const slash = path.indexOf('/', from)
    const end = slash === -1 ? path.length : slash
    const segment = path.slice(from, end).toLowerCase()
    const next = this.#bySegment.get(segment)
    if (next !== undefined) return next.candidates(path, end + 1)
    return NOT_ASCII.test(segment) ? this.#layers : this.#others
  }
}

/** The plain segments that a path begins with, in lower case: letters match in any case, unless the router is told otherwise. */
function plainBeginning({ path, opts }: Layer): readonly string[] {
  if (typeof path !== 'string' || opts.pathAsRegExp === true) return []
  const [beginning = ''] = PLAIN_BEGINNING.exec(path) ?? []
  return beginning.toLowerCase().split('/').slice(1)
}
