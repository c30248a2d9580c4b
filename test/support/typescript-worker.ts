import { Worker } from 'node:worker_threads'

/** A thread of its own has nobody yet who reads TypeScript. */
const START = `
  const { workerData } = require('node:worker_threads')
  import('tsx/esm/api').then(({ register }) => register() && import(workerData))
`

/** Starts a thread that runs a TypeScript file. */
export function typescriptWorker(file: URL): Worker {
  return new Worker(START, { eval: true, workerData: file.href })
}
