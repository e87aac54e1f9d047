/**
 * Draws surfaces by WebGL 2: solid ones with soft shadows and outlines, then clear ones over them.
 *
 * @module
 */
import type { Ball, Camera } from "./camera.ts";
import { depthRange, projectionMatrix, viewMatrix } from "./camera.ts";
import {
  COPY_FRAGMENT,
  SCREEN_VERTEX,
  SHADOW_FRAGMENT,
  SURFACE_FRAGMENT,
  SURFACE_VERTEX,
} from "./shaders.ts";
import type { Surface } from "./surface.ts";

/** Red, green, blue, 0 to 1. */
export type Colour = readonly [number, number, number];

/** A surface in the graphics processor's memory. */
export interface Mesh {
  readonly array: WebGLVertexArrayObject;
  readonly buffers: readonly WebGLBuffer[];
  readonly indices: number;
  /** Side of a voxel in Angstrom. */
  readonly apix: number;
}

/** A surface to draw. */
export interface Item {
  readonly mesh: Mesh;
  readonly colour: Colour;
  /** How much of what is behind it it covers, 0 to 1: 1 is solid. Clear ones are drawn in the order given. */
  readonly cover: number;
}

/** What a picture shows. */
export interface Picture {
  readonly items: readonly Item[];
  readonly camera: Camera;
  readonly ball: Ball;
  readonly background: Colour;
  readonly ink: Colour;
  /** How far shadows reach, in Angstrom. */
  readonly reach: number;
  /** Pixels of the canvas for each CSS pixel. */
  readonly density: number;
}

/** Draws into one canvas. */
export interface Renderer {
  upload(surface: Surface, apix: number): Mesh;
  free(mesh: Mesh): void;
  /** Draws; a draft has neither shadows nor outlines. */
  draw(picture: Picture, isDraft: boolean): void;
  /** Calls back once, when what was drawn is done, or can no longer be. */
  whenDone(listener: () => void): void;
  dispose(): void;
}

/** Milliseconds between looks at whether a picture is done. */
const PAUSE = 4;

/** Starts to draw into a canvas, or undefined where it has no WebGL 2. */
export function createRenderer(canvas: HTMLCanvasElement): Renderer | undefined {
  const gl = canvas.getContext("webgl2", { antialias: false, alpha: false, depth: false });
  if (gl === null || gl.isContextLost()) return undefined;
  const surfaces = programOf(gl, SURFACE_VERTEX, SURFACE_FRAGMENT);
  const shadows = programOf(gl, SCREEN_VERTEX, SHADOW_FRAGMENT);
  const copy = programOf(gl, SCREEN_VERTEX, COPY_FRAGMENT);
  const nothing = gl.createVertexArray();
  let targets: Targets | undefined;

  const sizedTargets = () => {
    if (targets?.width !== canvas.width || targets.height !== canvas.height) {
      targets?.free();
      targets = makeTargets(gl, canvas.width, canvas.height);
    }
    return targets;
  };
  const drawItem = (program: Program, { mesh, colour }: Item) => {
    gl.uniform1f(program.uniform("apix"), mesh.apix);
    gl.uniform3fv(program.uniform("colour"), colour);
    gl.bindVertexArray(mesh.array);
    gl.drawElements(gl.TRIANGLES, mesh.indices, gl.UNSIGNED_INT, 0);
  };
  const drawScreen = (texture: WebGLTexture) => {
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.bindVertexArray(nothing);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  };

  const drawSurfaces = ({ items, camera, ball, background }: Picture) => {
    gl.useProgram(surfaces.program);
    gl.uniformMatrix4fv(surfaces.uniform("view"), false, viewMatrix(camera, ball));
    const projection = projectionMatrix(camera, ball, canvas.width, canvas.height);
    gl.uniformMatrix4fv(surfaces.uniform("projection"), false, projection);
    gl.uniform3fv(surfaces.uniform("background"), background);
    const { near, far } = depthRange(ball);
    gl.uniform2f(surfaces.uniform("depths"), near, far);
    gl.uniform2f(surfaces.uniform("cover"), 1, 1);
    gl.uniform1f(surfaces.uniform("back"), 0);
    for (const item of items) drawItem(surfaces, item);
  };

  /** Shadows and outlines from the depths drawn so far, each as strong as 0 to 1. */
  const drawShadows = (
    { camera, ball, ink, reach, density }: Picture,
    targets: Targets,
    shadow: number,
    outline: number,
  ) => {
    targets.resolve(gl.DEPTH_BUFFER_BIT);
    gl.disable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.useProgram(shadows.program);
    const projection = projectionMatrix(camera, ball, canvas.width, canvas.height);
    gl.uniformMatrix4fv(shadows.uniform("projection"), false, projection);
    gl.uniform3fv(shadows.uniform("ink"), ink);
    gl.uniform1f(shadows.uniform("reach"), reach);
    gl.uniform1f(shadows.uniform("width"), density);
    gl.uniform2f(shadows.uniform("strength"), shadow, outline);
    drawScreen(targets.depth);
    gl.enable(gl.DEPTH_TEST);
    gl.disable(gl.BLEND);
  };

  /** Of clear surfaces only what is nearest of each, over all that is solid. */
  const drawClear = (picture: Picture, solid: readonly Item[], clear: readonly Item[]) => {
    drawSurfaces({ ...picture, items: [] });
    for (const item of clear) {
      // What is clear hides nothing behind it.
      gl.colorMask(false, false, false, false);
      if (item !== clear[0]) {
        gl.clear(gl.DEPTH_BUFFER_BIT);
        for (const other of solid) drawItem(surfaces, other);
      }
      // Where surfaces nearly coincide, as those of a block and of all do, the solid one is to be seen.
      gl.uniform1f(surfaces.uniform("back"), 1.2 * item.mesh.apix);
      drawItem(surfaces, item);
      gl.colorMask(true, true, true, true);
      gl.enable(gl.BLEND);
      gl.uniform2f(surfaces.uniform("cover"), item.cover, item.cover + (1 - item.cover) * 0.6);
      drawItem(surfaces, item);
      gl.disable(gl.BLEND);
      gl.uniform1f(surfaces.uniform("back"), 0);
    }
  };

  return {
    upload(surface, apix) {
      const array = gl.createVertexArray();
      gl.bindVertexArray(array);
      const bufferOf = (target: GLenum, data: AllowSharedBufferSource) => {
        const buffer = gl.createBuffer();
        gl.bindBuffer(target, buffer);
        gl.bufferData(target, data, gl.STATIC_DRAW);
        return buffer;
      };
      const positions = bufferOf(gl.ARRAY_BUFFER, surface.positions);
      gl.enableVertexAttribArray(0);
      gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
      const normals = bufferOf(gl.ARRAY_BUFFER, asBytes(surface.normals));
      gl.enableVertexAttribArray(1);
      gl.vertexAttribPointer(1, 3, gl.BYTE, true, 4, 0);
      const triangles = bufferOf(gl.ELEMENT_ARRAY_BUFFER, surface.triangles);
      gl.bindVertexArray(null);
      const buffers = [positions, normals, triangles];
      return { array, buffers, indices: surface.triangles.length, apix };
    },

    free({ array, buffers }) {
      gl.deleteVertexArray(array);
      for (const buffer of buffers) gl.deleteBuffer(buffer);
    },

    draw(picture, isDraft) {
      const targets = sizedTargets();
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.bindFramebuffer(gl.FRAMEBUFFER, targets.many);
      const [r, g, b] = picture.background;
      gl.clearColor(r, g, b, 1);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
      gl.enable(gl.DEPTH_TEST);
      gl.depthFunc(gl.LEQUAL);
      gl.disable(gl.CULL_FACE);
      gl.blendFuncSeparate(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA, gl.ZERO, gl.ONE);
      const solid = picture.items.filter(({ cover }) => cover === 1);
      const clear = picture.items.filter(({ cover }) => cover < 1);
      drawSurfaces({ ...picture, items: solid });
      if (!isDraft) drawShadows(picture, targets, 1, 1);
      drawClear(picture, solid, clear);
      const { cover = 0 } = clear.at(-1) ?? {};
      if (cover > 0 && !isDraft) drawShadows(picture, targets, cover * cover, cover);
      targets.resolve(gl.COLOR_BUFFER_BIT);
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
      gl.disable(gl.DEPTH_TEST);
      gl.useProgram(copy.program);
      drawScreen(targets.colour);
    },

    whenDone(listener) {
      const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
      gl.flush();
      const look = () => {
        // Neither may wait: what the answer is only changes between tasks.
        const state = fence === null ? gl.WAIT_FAILED : gl.clientWaitSync(fence, 0, 0);
        if (state === gl.TIMEOUT_EXPIRED && !gl.isContextLost()) {
          setTimeout(look, PAUSE);
        } else {
          gl.deleteSync(fence);
          listener();
        }
      };
      setTimeout(look, 0);
    },

    dispose() {
      targets?.free();
      for (const { program } of [surfaces, shadows, copy]) gl.deleteProgram(program);
      gl.deleteVertexArray(nothing);
    },
  };
}

/** Normals as four bytes each. */
function asBytes(normals: Float32Array): Int8Array<ArrayBuffer> {
  const bytes = new Int8Array(normals.length / 3 * 4);
  for (let i = 0; i < normals.length; i++) {
    bytes[Math.floor(i / 3) * 4 + i % 3] = Math.round(normals[i]! * 127);
  }
  return bytes;
}

interface Program {
  readonly program: WebGLProgram;
  uniform(name: string): WebGLUniformLocation | null;
}

function programOf(gl: WebGL2RenderingContext, vertex: string, fragment: string): Program {
  const program = gl.createProgram();
  for (
    const [kind, text] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const
  ) {
    const shader = gl.createShader(kind);
    if (shader === null) break; // The context was lost: linking fails below, or it is made anew.
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
    gl.deleteShader(shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true && !gl.isContextLost()) {
    throw new Error(`Cannot compile a shader: ${gl.getProgramInfoLog(program)}`);
  }
  const places = new Map<string, WebGLUniformLocation | null>();
  return {
    program,
    uniform(name) {
      const place = places.get(name) ?? gl.getUniformLocation(program, name);
      places.set(name, place);
      return place;
    },
  };
}

/** Where pictures are drawn before they come to the canvas. */
interface Targets {
  readonly width: number;
  readonly height: number;
  /** With several samples a pixel. */
  readonly many: WebGLFramebuffer;
  /** With one, after `resolve`. */
  readonly colour: WebGLTexture;
  readonly depth: WebGLTexture;
  /** Takes the picture over from several samples to one. */
  resolve(bits: GLbitfield): void;
  free(): void;
}

const SAMPLES = 4;

function makeTargets(gl: WebGL2RenderingContext, width: number, height: number): Targets {
  const samples = Math.min(SAMPLES, Number(gl.getParameter(gl.MAX_SAMPLES)));
  const buffer = (format: GLenum) => {
    const made = gl.createRenderbuffer();
    gl.bindRenderbuffer(gl.RENDERBUFFER, made);
    gl.renderbufferStorageMultisample(gl.RENDERBUFFER, samples, format, width, height);
    return made;
  };
  const texture = (format: GLenum) => {
    const made = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, made);
    gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    }
    for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
      gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
    }
    return made;
  };
  const manyColour = buffer(gl.RGBA8), manyDepth = buffer(gl.DEPTH_COMPONENT24);
  const many = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, many);
  gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, manyColour);
  gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, manyDepth);
  const colour = texture(gl.RGBA8), depth = texture(gl.DEPTH_COMPONENT24);
  const one = gl.createFramebuffer();
  gl.bindFramebuffer(gl.FRAMEBUFFER, one);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, colour, 0);
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.TEXTURE_2D, depth, 0);
  return {
    width,
    height,
    many,
    colour,
    depth,
    resolve(bits) {
      gl.bindFramebuffer(gl.READ_FRAMEBUFFER, many);
      gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, one);
      gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, bits, gl.NEAREST);
      gl.bindFramebuffer(gl.FRAMEBUFFER, many);
    },
    free() {
      for (const framebuffer of [many, one]) gl.deleteFramebuffer(framebuffer);
      for (const made of [manyColour, manyDepth]) gl.deleteRenderbuffer(made);
      for (const made of [colour, depth]) gl.deleteTexture(made);
    },
  };
}
