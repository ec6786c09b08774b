import { describe, expect, test } from 'vitest'
import { RingwayError } from '#shared/sdk/RingwayError.ts'
import { type MediaChoice, withAvailableMedia } from './media-choice.ts'

const both: MediaChoice = { audio: true, video: { deviceId: 'cam-1' } }
const noObstacle = async () => null

/** Takes what it is given until a device is asked for that is refused. */
function attempts(refuse: (choice: MediaChoice) => 'deviceNotAllowed' | 'deviceInUse' | null) {
  const asked: MediaChoice[] = []
  const attempt = async (choice: MediaChoice) => {
    asked.push(choice)
    const code = refuse(choice)
    if (code !== null) throw RingwayError.ofDevice(code)
    return 'call'
  }
  return { asked, attempt }
}

describe('a call begins', () => {
  test('with what is wanted where nothing is in the way', async () => {
    const { asked, attempt } = attempts(() => null)
    expect(await withAvailableMedia(both, { obstacle: noObstacle, attempt })).toEqual({ result: 'call', refusals: {} })
    expect(asked).toEqual([both])
  })

  test('without asking for what is known to be missing', async () => {
    const { asked, attempt } = attempts(() => null)
    const obstacle = async (kind: string) => (kind === 'camera' ? 'deviceNotFound' : null)
    expect(await withAvailableMedia(both, { obstacle, attempt })).toEqual({ result: 'call', refusals: { camera: 'deviceNotFound' } })
    expect(asked).toEqual([{ audio: true, video: false }])
  })

  test('without a microphone that is refused only when it is opened', async () => {
    const { asked, attempt } = attempts(({ audio }) => (audio === false ? null : 'deviceInUse'))
    expect(await withAvailableMedia(both, { obstacle: noObstacle, attempt })).toEqual({
      result: 'call',
      refusals: { microphone: 'deviceInUse' },
    })
    expect(asked).toEqual([both, { ...both, audio: false }])
  })

  test('without any device where each is refused', async () => {
    const { asked, attempt } = attempts(({ audio, video }) => (audio === false && video === false ? null : 'deviceNotAllowed'))
    expect((await withAvailableMedia(both, { obstacle: noObstacle, attempt })).refusals).toEqual({
      microphone: 'deviceNotAllowed',
      camera: 'deviceNotAllowed',
    })
    expect(asked.at(-1)).toEqual({ audio: false, video: false })
  })
})

describe('it does not begin', () => {
  test('where something other than a device refuses', async () => {
    const asked: MediaChoice[] = []
    const attempt = async (choice: MediaChoice): Promise<string> => {
      asked.push(choice)
      throw new RingwayError({ code: 'userOffline', message: 'offline', retryable: true })
    }
    await expect(withAvailableMedia(both, { obstacle: noObstacle, attempt })).rejects.toMatchObject({ code: 'userOffline' })
    expect(asked).toHaveLength(1)
  })

  test('where even without devices one is missed', async () => {
    const { attempt } = attempts(() => 'deviceNotAllowed')
    await expect(withAvailableMedia(both, { obstacle: noObstacle, attempt })).rejects.toMatchObject({ code: 'deviceNotAllowed' })
  })
})
