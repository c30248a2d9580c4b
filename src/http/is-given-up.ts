import type { ServerResponse } from 'node:http'

/** Whether a response can't be sent any more. HTTP/2's doesn't know that itself, its stream does. */
export function isGivenUp(response: ServerResponse): boolean {
  return response.destroyed ?? (response as { stream?: { destroyed: boolean } }).stream?.destroyed ?? false
}
