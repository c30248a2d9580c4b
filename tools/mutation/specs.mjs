/** The specs of what is mutated. They run in one process, so each has to leave nothing behind. */
import { readdirSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

await import(pathToFileURL('test/setup.ts').href)
for (const folder of ['tokens', 'keys', 'authentication', 'authorization']) {
  for (const name of readdirSync(`test/${folder}`)
    .filter((file) => file.endsWith('.spec.ts'))
    .sort()) {
    await import(pathToFileURL(`test/${folder}/${name}`).href)
  }
}
