import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Where Chromium is: in `CHROMIUM`, or where systems put it.
 *
 * @throws {Error} when it isn't there: these tests are run by whoever wants them run.
 */
export function chromiumPath(): string {
  const { CHROMIUM } = process.env
  const path = CHROMIUM ?? PLACES.find((place) => existsSync(place))
  if (path !== undefined && existsSync(path)) return path
  throw new Error(
    'Chromium is needed: install it (on Debian: apt-get install chromium), or say where it is in CHROMIUM',
  )
}
