import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { describe, it } from 'mocha'
import { inTime, TimedOut } from '../../src/authorization/in-time.js'
import { rejection } from '../keys/rejection.js'
import { unhandledRejections } from '../support/unhandled-rejections.js'

describe('an answer in time', () => {
  it('is the answer', async () => {
    expect(await inTime(Promise.resolve(5), 1000)).to.equal(5)
    expect(await inTime(wait(5, 'late'), 1000)).to.equal('late')
  })

  it('may be a failure', async () => {
    const boom = new RangeError('no')
    expect(await rejection(inTime(Promise.reject(boom), 1000), RangeError)).to.equal(boom)
  })

  it('is a failure of its own when there is none', async () => {
    const error = await rejection(inTime(new Promise(() => undefined), 5), TimedOut)
    expect(error.message).to.equal('gave no answer within 5 ms')
  })

  it('ends nothing when it fails after all', async () => {
    const unhandled = await unhandledRejections(async () => {
      const late = wait(10).then(() => Promise.reject(new RangeError('too late')))
      await rejection(inTime(late, 2), TimedOut)
      await wait(15)
    })
    expect(unhandled).to.deep.equal([])
  })

  it('keeps no process alive, whether it comes or not', () => {
    const place = JSON.stringify(new URL('../../src/authorization/in-time.ts', import.meta.url).href)
    const code = `import { inTime } from ${place}; inTime(new Promise(() => {}), 60_000); await inTime(Promise.resolve(), 60_000)`
    const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      timeout: 30_000,
    })
    expect(status).to.equal(0)
  })
})
