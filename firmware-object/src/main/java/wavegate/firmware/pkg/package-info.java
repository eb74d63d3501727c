/** What is released: a firmware package, its manifest, its version and digest. ("pkg", since Java keeps the word.) */
@NullMarked
package wavegate.firmware.pkg;

import org.jspecify.annotations.NullMarked;
