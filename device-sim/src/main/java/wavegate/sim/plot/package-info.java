/** Curves over time as SVG: markup without scripts, readable in any browser, coloured by the page that holds it. Stateless. */
@NullMarked
package wavegate.sim.plot;

import org.jspecify.annotations.NullMarked;
