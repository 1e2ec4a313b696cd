/* end: a server that ends at once; static, so that it costs little. */
int
main(void)
{
	return 0;
}
