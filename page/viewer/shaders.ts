/**
 * The programs that run on the graphics processor, in GLSL ES 3.00.
 *
 * @module
 */

const HEAD = `#version 300 es
precision highp float;
`;

/** Surfaces: from voxels to the screen. */
export const SURFACE_VERTEX = `${HEAD}
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
uniform mat4 view, projection;
/** How far back depths are moved, in Angstrom. */
uniform float apix, back;
out vec3 seen, facing;
void main() {
  // The grids' corners coincide, whatever their voxels' size.
  vec4 place = view * vec4((position + 0.5) * apix, 1.0);
  seen = place.xyz;
  facing = mat3(view) * normal;
  gl_Position = projection * place;
  vec4 behind = projection * (place - vec4(0.0, 0.0, back, 0.0));
  gl_Position.z = behind.z / behind.w * gl_Position.w;
}`;

/** Surfaces: light and colour. */
export const SURFACE_FRAGMENT = `${HEAD}
in vec3 seen, facing;
uniform vec3 colour, background;
/** How much is covered where the surface faces the viewer, and at its rim. */
uniform vec2 cover;
uniform vec2 depths;
out vec4 pixel;
void main() {
  vec3 n = normalize(gl_FrontFacing ? facing : -facing), eye = normalize(-seen);
  vec3 key = normalize(vec3(-0.45, 0.65, 0.75)), fill = normalize(vec3(0.8, -0.1, 0.5));
  float lit = 0.46 + 0.5 * max(dot(n, key), 0.0) + 0.16 * max(dot(n, fill), 0.0) + 0.08 * n.y;
  float shine = 0.14 * pow(max(dot(n, normalize(key + eye)), 0.0), 28.0);
  vec3 light = colour * lit + shine;
  // What is far away fades a little into the background.
  float away = clamp((-seen.z - depths.x) / (depths.y - depths.x), 0.0, 1.0);
  light = mix(light, background, 0.3 * away * away);
  float rim = pow(1.0 - abs(dot(n, eye)), 2.0);
  pixel = vec4(light, mix(cover.x, cover.y, rim));
}`;

/** A triangle over all of the canvas. */
export const SCREEN_VERTEX = `${HEAD}
out vec2 place;
void main() {
  place = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
  gl_Position = vec4(place * 2.0 - 1.0, 0.0, 1.0);
}`;

/**
 * Shadows in what lies deep, and outlines, from the depths alone: M. McGuire et al., "The Alchemy screen-space
 * ambient obscurance algorithm" (2011). Multiplied onto the picture.
 */
export const SHADOW_FRAGMENT = `${HEAD}
in vec2 place;
uniform sampler2D depth;
uniform mat4 projection;
uniform vec3 ink;
/** How far shadows reach, in Angstrom; pixels that an outline is wide. */
uniform float reach, width;
/** Of shadows, and of outlines. */
uniform vec2 strength;
out vec4 pixel;
float far(vec2 at) {
  float z = texture(depth, at).r * 2.0 - 1.0;
  return projection[3][2] / (z + projection[2][2]);
}
vec3 seen(vec2 at) {
  float d = far(at);
  return vec3((at * 2.0 - 1.0) * d / vec2(projection[0][0], projection[1][1]), -d);
}
void main() {
  vec2 step = 1.0 / vec2(textureSize(depth, 0));
  float here = texture(depth, place).r;
  vec3 p = seen(place);
  // Outlines: of what ends in front of something that lies well behind it.
  float jump = 0.0;
  for (int i = 0; i < 8; i++) {
    float a = 0.7853981634 * float(i);
    jump += smoothstep(0.25 * reach, 0.6 * reach, far(place + width * step * vec2(cos(a), sin(a))) + p.z);
  }
  float outline = here < 1.0 ? clamp(jump / 3.0, 0.0, 1.0) : 0.0;
  float shadow = 0.0;
  if (here < 1.0 && strength.x > 0.1) {
    // Of the two neighbours on each axis the nearer one in depth lies on the same surface.
    vec3 l = seen(place - vec2(step.x, 0)), r = seen(place + vec2(step.x, 0));
    vec3 b = seen(place - vec2(0, step.y)), t = seen(place + vec2(0, step.y));
    vec3 dx = abs(l.z - p.z) < abs(r.z - p.z) ? p - l : r - p;
    vec3 dy = abs(b.z - p.z) < abs(t.z - p.z) ? p - b : t - p;
    vec3 n = normalize(cross(dx, dy));
    vec2 wide = 0.5 * reach * vec2(projection[0][0], projection[1][1]) / -p.z;
    for (int i = 0; i < 20; i++) {
      float a = 2.3999632297 * float(i), r = sqrt((float(i) + 0.5) / 20.0);
      vec3 v = seen(place + wide * r * vec2(cos(a), sin(a))) - p;
      float away = dot(v, v);
      shadow += max(0.0, dot(v, n) - 0.06 * reach) / (away + 0.02 * reach * reach)
        * max(0.0, 1.0 - away / (4.0 * reach * reach));
    }
    shadow = clamp(shadow * reach / 20.0 * 1.1, 0.0, 0.8);
  }
  pixel = vec4(ink, max(0.85 * outline * strength.y, shadow * strength.x));
}`;

/** The finished picture. */
export const COPY_FRAGMENT = `${HEAD}
in vec2 place;
uniform sampler2D picture;
out vec4 pixel;
void main() { pixel = vec4(texture(picture, place).rgb, 1.0); }`;
