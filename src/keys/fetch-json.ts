const MAX_BYTES = 1024 * 1024
const MAX_REDIRECTS = 3

/** A JSON document could not be fetched. `status` is the endpoint's answer, where there was one. */
export class FetchError extends Error {
  override readonly name = 'FetchError'

  constructor(
    message: string,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** How {@link fetchJson} goes about it. */
export interface FetchOptions {
  /** From connect to last byte, redirects included, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Fetches a JSON document of at most 1 MiB, following redirects within the same origin only.
 *
 * @throws {FetchError} for whatever else happens, a slow answer included.
 */
export async function fetchJson(url: string, { timeoutMs }: FetchOptions): Promise<unknown> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await follow(new URL(url), signal)
    if (!response.ok) {
      await response.body?.cancel()
      throw new FetchError(`${url} answered ${response.status}`, response.status)
    }
    return parse(url, await readBody(url, response))
  } catch (error) {
    if (error instanceof FetchError) throw error
    const message = signal.aborted ? `${url} did not answer within ${timeoutMs} ms` : `${url} could not be reached`
    throw new FetchError(message, undefined, { cause: error })
  }
}

async function follow(start: URL, signal: AbortSignal): Promise<Response> {
  let url = start
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status > 399 || location === null) return response
    await response.body?.cancel()
    if (!URL.canParse(location, url.href)) throw new FetchError(`${start} redirects to something that is not a URL`)
    url = new URL(location, url)
    if (url.origin !== start.origin) throw new FetchError(`${start} redirects to another origin`)
  }
  throw new FetchError(`${start} redirects too often`)
}

async function readBody(url: string, response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_BYTES) throw new FetchError(`${url} sent more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parse(url: string, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new FetchError(`${url} did not send JSON`)
  }
}
