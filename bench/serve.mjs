/** A process that serves one subject: `node serve.mjs NAME SETTINGS`, the settings in JSON. */
import { once } from 'node:events'
import { answerQuestions } from './child.mjs'

const [name, settings] = process.argv.slice(2)
const { build } = await import(`./subjects/${name}.mjs`)

const begun = performance.now()
const server = await build(JSON.parse(settings))
const buildMs = performance.now() - begun

server.listen(0, '127.0.0.1')
await once(server, 'listening')
answerQuestions({
  ready: () => ({ port: server.address().port, buildMs }),
  /** Processor time so far, of all threads, in microseconds. */
  cpu: () => {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  memory: () => {
    global.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    return { rss, heapUsed }
  },
})
