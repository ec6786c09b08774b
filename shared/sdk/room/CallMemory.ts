import { z } from 'zod'

/** What this device published in a call, so that a reload can publish it again. A shared screen needs the user anew. */
export const callMemorySchema = z.object({
  microphone: z.object({ deviceId: z.string().optional() }).nullable(),
  muted: z.boolean(),
  camera: z
    .object({
      deviceId: z.string().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      frameRate: z.number().optional(),
      facingMode: z.enum(['user', 'environment']).optional(),
    })
    .nullable(),
  cameraPaused: z.boolean(),
  simulcast: z.boolean(),
})

export type CallIntents = z.infer<typeof callMemorySchema>
